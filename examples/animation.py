import kinelang

motion = kinelang.load("samples/wave_right_hand.bvh")
kinelang.write_gif(motion, "wave.gif", fps=20, size=240, intervals=[("waves the right hand", 1.1, 3.7)])
