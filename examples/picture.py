import kinelang

motion = kinelang.load("samples/squat_twice.bvh")
kinelang.contact_sheet(motion, "squat_twice.png", n_poses=8, intervals=[("first squat", 0.4, 2.5), ("second squat", 2.7, 4.8)])
