import kinelang
from kinelang.describing import Description, select

motion = kinelang.load("samples/wave_right_hand.bvh")
description = kinelang.describe(motion, delta_deg=5)

# The paper's text format, only the three most active angles.
print(kinelang.render(select(description, top_k=3), "smd"))

# The same as data: what the right elbow does, and when.
for interval in description.channel("elbow_flex_r").intervals:
    print(f"{interval.kind:>9} {interval.first:6.1f}° → {interval.last:6.1f}°  {interval.start_s:.1f}–{interval.end_s:.1f} s")

# JSON there and back is the identity.
assert Description.from_json(description.to_json()) == description
