"""Opens BVH files in Blender itself, and says how far its joints are from those that were exported.

    pip install bpy numpy                      # Blender as a module; an environment of its own will do
    kinelang generate "a person turns around and waves" --out wave.bvh --out wave.npy
    python bench/in_blender.py wave            # wave.bvh beside wave.npy; several may be given

The importer's usual settings: Y is up, -Z forward, in centimetres. Joints are compared where Blender's bones have their heads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import numpy as np

JOINTS = [
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
]
"""In the order of HumanML3D's joint files."""


def heads(path: Path) -> np.ndarray:
    """Where the bones have their heads in every frame, (T, 22, 3) metres, Y up."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_anim_bvh")
    bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, axis_forward="-Z", axis_up="Y", update_scene_fps=True)
    (armature,) = (thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    first, last = (int(frame) for frame in armature.animation_data.action.frame_range)
    found = []
    for frame in range(first, last + 1):
        bpy.context.scene.frame_set(frame)
        found.append([armature.matrix_world @ armature.pose.bones[name].head for name in JOINTS])
    x, y, z = np.moveaxis(np.array(found, dtype=np.float64), -1, 0)
    return np.stack([x, z, -y], axis=-1)


def main() -> None:
    for name in sys.argv[1:]:
        joints = np.load(f"{name}.npy", allow_pickle=False)
        seen = heads(Path(f"{name}.bvh"))
        if seen.shape != joints.shape:
            sys.exit(f"{name}.bvh: {seen.shape} in Blender, expected {joints.shape} as in {name}.npy")
        apart = 100 * np.linalg.norm(seen - joints, axis=-1)
        print(f"{name}: {len(seen)} frames, {apart.mean():.4f} cm on average, {apart.max():.4f} cm at the most")


if __name__ == "__main__":
    main()
