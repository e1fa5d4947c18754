import kinelang
from kinelang.models.tmr import Retriever

retriever = Retriever.load()  # or Retriever.load(Path("RUN")), a model of your own
motions = [kinelang.load("samples/walk_forward.bvh"), kinelang.load("samples/squat_twice.bvh")]
texts = ["a person walks forward", "someone squats down twice"]
print(retriever.encode(texts).shape)  # (2, d) float32, each of length 1
print(retriever.similarity(texts, motions).round(2))  # their cosines, a row a text
