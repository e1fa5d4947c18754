import numpy as np

import kinelang

# Positions of your own, frames first: (T, 22, 3), metres, Y up, in HumanML3D's order of joints.
positions = np.repeat(kinelang.SMPL22.rest_positions[None], 60, axis=0)
positions[:, :, 2] += np.linspace(0, 2.4, 60)[:, None]  # slides two metres forward

motion = kinelang.Motion(kinelang.SMPL22, fps=20, positions=positions, name="slide")
print(kinelang.describe(motion))
