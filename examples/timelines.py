"""A sentence becomes a timeline, the timeline a motion, and the motion a timeline and a sentence again."""

import kinelang
from kinelang.timeline import to_text

read = kinelang.parse("a person walks forward four steps, then turns around and waves with the left hand")
print(to_text(read.timeline))

motion = kinelang.perform(read.timeline, seed=3)
kinelang.save(motion, "walk_turn_wave.bvh")

found = kinelang.detect(kinelang.load("walk_turn_wave.bvh"))
for stage in found.stages:
    print(f"{stage.start_s:.1f}-{stage.end_s:.1f} s  {stage.brief()}  ({stage.confidence:.2f})")
print(kinelang.narrate(found))
