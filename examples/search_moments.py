import kinelang
from kinelang.models.tmr import Retriever
from kinelang.motion.ops import concatenate
from kinelang.search.moments import find_moments, plot_moments

motion = concatenate([kinelang.load(f"samples/{name}.bvh") for name in ("walk_forward", "squat_twice", "wave_right_hand")])
found = find_moments(motion, "a person squats", Retriever.load())
for moment in found.moments:
    print(f"{moment.score:.3f}  {moment.start_s:.1f}-{moment.end_s:.1f} s")
plot_moments([found.curve], found.moments, "moments.png", title="a person squats")
