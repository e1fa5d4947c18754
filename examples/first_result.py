import kinelang

motion = kinelang.load("samples/walk_forward.bvh")
print(kinelang.describe(motion))
