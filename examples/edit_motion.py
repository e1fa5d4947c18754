from kinelang.editing import Editor
from kinelang.generating import Generator

generator = Generator.load()
kick = generator.generate("a person kicks with the right leg, then waves")[0]

editor = Editor(generator)
editor.open(kick.motion, kick.timeline)  # without a timeline it is detected
proposal = editor.propose("kick twice with the left leg")
print("\n".join(proposal.diff))  # nothing has changed yet
made = editor.apply(proposal)  # made.motion
editor.undo()
