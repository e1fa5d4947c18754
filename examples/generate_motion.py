import numpy as np

import kinelang
from kinelang.generating import Generator

generator = Generator.load()  # Generator.load(Path("RUN")) for a model of your own
(made,) = generator.generate("a person walks forward, then waves with the left hand", seed=1)
for stage in made.timeline.stages:
    print(f"{stage.start_s:.1f}-{stage.end_s:.1f} s  {stage.brief()}")
for note in made.notes:
    print(note)
kinelang.save(made.motion, "wave.bvh")
kinelang.contact_sheet(made.motion, "wave.png")

(round_the_corner,) = generator.generate("a person walks", path=np.array([[0, 0], [2, 0], [2, 3]]))
kinelang.save(round_the_corner.motion, "corner.npy")
(after,) = generator.generate("a person sits down", start=made.motion)  # begins with its last pose
kinelang.write_html(after.motion, "sits.html")
