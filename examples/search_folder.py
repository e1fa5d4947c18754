from kinelang.search import Filters, Index
from kinelang.search.sheet import hit_sheet

with Index.build("motions.index", ["samples"]) as index:  # made, or continued
    hits = index.search("a person waves the right hand", top=3)
    for hit in hits:
        print(f"{hit.score:.3f}  {hit.path}  {hit.start_s:.1f}-{hit.end_s:.1f} s  {[stage.brief() for stage in hit.stages]}")
    hit_sheet(hits, [index.motion(hit) for hit in hits], "waves.png", title="a person waves the right hand")

    index.search(like="samples/walk_forward.bvh")  # more like this
    index.search("slowly", like="samples/walk_forward.bvh")  # both together
    index.search(structure="squats twice")  # what has to be detected
    index.search("turns around", moments=True)  # where in the motions
    index.search("a person turns", filters=Filters(max_s=10, path="samples/*"))
    print(index.label(["walking", "squatting", "waving", "turning"]))  # the sentence that fits each motion best
