import numpy as np

import kinelang
from kinelang.viewing import Curve, Span

walk, squat = kinelang.load("samples/walk_forward.bvh"), kinelang.load("samples/squat_twice.bvh")

whole = Span("walks forward", 0.3, 4.7, track="body", confidence=0.93, note="eight steps")
steps = [whole, ("left step", 0.2, 0.8), ("right step", 0.8, 1.4)]
pelvis = walk.joints[:, 0]
speed = np.linalg.norm(np.gradient(pelvis, walk.times_s, axis=0), axis=-1)
kinelang.write_html(walk, "walk.html", intervals=steps, curves=[Curve("speed of the pelvis", speed, "m/s")])

kinelang.write_html([walk, squat], "both.html", intervals=[steps, [("squat", 0.4, 2.5)]], title="A walk and two squats")
