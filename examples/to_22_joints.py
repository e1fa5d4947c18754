import kinelang

# A reader keeps the skeleton of the file; `retarget` brings it to the 22 joints of HumanML3D, with rotations that fit.
motion = kinelang.load("samples/squat_twice.bvh")
body = kinelang.retarget(motion)
print(body.skeleton, body.joints.shape, body.rotations.shape)
print(body.notes)
