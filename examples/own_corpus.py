# Motion files with a text file of the same name beside each become a data set that published code can train on.
from pathlib import Path

from kinelang.corpora import open_corpus, write_layout

for clip in Path("samples").glob("*.bvh"):
    clip.with_suffix(".txt").write_text(f"a person does this: {clip.stem.replace('_', ' ')}\n", encoding="utf-8")

corpus = open_corpus("folder", "samples")
for record in corpus.records("train"):
    motion = record.motion()  # 22 joints, 20 frames a second
    print(record.id, record.texts, motion.joints.shape, record.features().shape)

written = write_layout(corpus, "corpus", name="samples", mirror=True)
print(written.n_clips, "clips in", written.folder)
