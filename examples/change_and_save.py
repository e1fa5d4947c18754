import kinelang
from kinelang.motion.ops import cut, resample
from kinelang.motion.reflection import mirror

motion = kinelang.load("samples/wave_right_hand.bvh")
part = cut(motion, start_s=0.5, end_s=3.5)
kinelang.save(mirror(resample(part, fps=20)), "wave_left_hand.bvh")

again = kinelang.load("wave_left_hand.bvh")
print(again)
print(kinelang.describe(again))
