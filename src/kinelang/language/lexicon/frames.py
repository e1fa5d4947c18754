"""What a verb means with what stands beside it: "raises his arm", "raises his leg", "brings his hands together".

A row of `FRAMES_TEXT` is: heads | objects | cues | verb key | fields. Heads are base forms. Objects are groups of `nouns.BODY_NOUNS`,
or `thing`, `person`, `place`, `action`, `none` (no object),
`any`. A row with cues needs one of them beside the verb: a direction ("up"), a
particle or preposition ("together", "over"), or the group of the noun after a preposition ("hip"); `a+b` needs both, `-a` its absence.
The first row that fits counts; where none does, a head that is itself a key or a one-word synonym of one means that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Frame:
    """One row: the verb `key` with `fields` is meant where object and cues fit."""

    objects: frozenset[str]
    cues: tuple[tuple[str, ...], ...]
    key: str
    fields: tuple[tuple[str, str], ...]

    def fits(self, obj: str, near: frozenset[str]) -> bool:
        """Whether the object's group and what stands near allow this row."""
        if "any" not in self.objects and obj not in self.objects:
            return False
        return not self.cues or any(
            all((part[1:] not in near) if part[0] == "-" else (part in near) for part in cue) for cue in self.cues
        )


FRAMES_TEXT = """
raise lift elevate hoist | arm elbow | | raise_arm |
raise lift elevate hoist | leg knee | | raise_leg |
raise lift elevate hoist | head | | look | direction=up
raise lift elevate hoist | shoulder | | shrug |
raise lift elevate hoist | torso hip body | | straighten |
raise lift elevate hoist | thing | up+overhead above head over | lift_weight |
raise lift hoist | thing person place | | pick_up |
raise elevate | none | | stand_up |
lift | none | up | stand_up |
lower drop | arm elbow | | lower_arm |
lower drop | leg knee | | lower_leg |
lower drop | head | | look | direction=down
lower drop | torso shoulder | | bend | direction=forward
lower | body hip none | arm+knee fours | get_on_all_fours |
lower | body hip none | | crouch |
drop | body hip | | crouch |
drop | none | arm+knee fours | get_on_all_fours |
drop | none | knee leg | kneel |
drop | none | arm | put_down |
drop | none | down | crouch |
lower drop | thing person place | | put_down |
bring pull draw fold | arm elbow | together | clasp_hands |
bring draw pull let come fall return | arm elbow | down apart -up+torso+by -up+leg+to | lower_arm |
bring return | arm elbow | side home back | lower_arm |
bring draw | arm elbow | out forward | extend_arm |
bring | arm elbow | | raise_arm |
bring draw | leg knee | together | feet_together |
bring let return | leg knee | down back | lower_leg |
bring draw pull | leg knee | | raise_leg |
bring draw | head torso body | down | bend |
bring | head torso body | up back | straighten |
bring | thing person place | | move_object |
let | arm elbow | | lower_arm |
let | leg knee | | lower_leg |
let | thing | | put_down |
put place set stick throw plant | arm elbow | hip | hands_on_hips |
put place stick set join hold press bring connect | arm elbow | together | clasp_hands |
put place stick set | arm elbow | down | lower_arm |
put stick throw pump | arm elbow | up air | raise_arm |
put place | arm elbow | side+-up+-out back | lower_arm |
put stick throw thrust | arm elbow | out forward -head+-torso+-arm+-elbow+-leg+-knee+-thing+-place+-behind+-hip+-shoulder | extend_arm |
put place | arm elbow | left+-head+-torso+-leg+-thing right+-head+-torso+-leg+-thing | move_arm |
put place rest set plant | arm elbow | | touch |
put place plant set | leg knee | together | feet_together |
put place plant set stick | leg knee | down back | lower_leg |
put place plant set stick | leg | forward out front left right | step |
put place | leg knee | apart | legs_apart |
put place | leg | up | raise_leg |
put place rest plant set | leg knee | | move_leg |
put | head | down | look | direction=down
put place | head | | move_head |
put | body | down | crouch |
put | shoulder | | move_arm |
put | clothing | on | dress |
put place set lay drop rest | thing person place action | | put_down |
put set | none | down back | put_down |
hold keep have | arm elbow | at+side by+side at+sides by+sides | =ignore |
hold keep have | arm elbow | hip | hands_on_hips |
hold keep have | arm elbow | together | clasp_hands |
hold keep stick have | arm elbow | down | lower_arm |
hold keep stick have | arm elbow | up head above shoulder air | raise_arm |
hold keep stick have | arm elbow | out forward apart left right side straight sideways outstretched | extend_arm |
hold keep | arm elbow | behind | touch |
hold | arm | person | carry |
hold keep clutch | leg knee | up | raise_leg |
hold | arm elbow | | raise_arm |
hold clutch grab clasp grip grasp | head torso hip shoulder body elbow leg knee | | touch |
keep hold have | arm elbow | still stationary side+-out+-up+-forward | =ignore |
keep | arm | | move_arm |
keep | balance | | balance |
keep | leg | apart | legs_apart |
keep | leg | together | feet_together |
hold | none | | carry |
hold carry clutch grip bear | thing person place | | carry |
grasp | thing person place none | | reach |
move | arm elbow | together | clasp_hands |
move wave swing rotate whirl spin | arm elbow | circle | circle_arms |
move | arm elbow | up+-down+-swing above air | raise_arm |
move | arm elbow | down+-up | lower_arm |
move return flick fling wiggle jerk rock thrust shift pump throw slide sweep pull push motion | arm elbow | -out | move_arm |
use work close curl cup retract switch alternate tap adjust | arm elbow | -out | move_arm |
position withdraw press turn open swipe squeeze open place snap hover relax rest | arm elbow | -out | move_arm |
clench bounce drag pump dangle hang swirl swivel waggle wind roll lock flutter | arm elbow | -out | move_arm |
move wiggle tap adjust position slide shift drag pump turn switch alternate bounce shake rock jerk | leg knee | | move_leg |
roll work point rotate relax pull push pump plant return step curl flex thrust cycle pedal lock | leg knee | | move_leg |
move bob jerk shift wiggle bang thrust roll turn return bring throw drop pull rest tuck | head | | move_head |
move swivel swing | hip | circle | circle_hips |
move shift thrust wiggle swivel shake gyrate rock sway swing | hip | | sway |
move shift wiggle rock sway swing | torso body shoulder | | sway |
move take transfer shift relocate reposition swap slide exchange rearrange | thing | from to side | move_object |
move relocate reposition swap slide shift rearrange exchange | thing person place | | move_object |
go come get drop fall sink move be | none | arm+knee hands+knees | get_on_all_fours |
go come get drop fall sink move be | none | knee | kneel |
go come get drop be | none | fours | get_on_all_fours |
go come get | none | down+squat down+crouch | squat |
come | none | stop | stand |
go come get | none place | up+stairs up+steps up+ladder down+stairs down+steps down+ladder upstairs downstairs | climb |
go come get | none | down | crouch |
get come | none | up | stand_up |
go | none | up | climb | direction=up
come return rise get go | none | standing upright | stand_up |
return | none | | =return |
return | thing | | put_down |
land | any | fours -fours | =ignore |
take make | leg | | step |
take bring put | arm | up | raise_arm |
take | arm elbow | down | lower_arm |
take | arm elbow | | move_arm |
take | clothing | off | undress |
take | seat | | sit |
take carry grab get retrieve fetch gather obtain remove collect snatch | thing place person | | pick_up |
grab | none | | reach |
grab | thing person place none | | reach |
grab | arm | | touch |
swing sway rock | arm elbow | | swing_arms |
hold keep | home way thing none | position pose stance still | stand |
swing | leg knee | | swing_leg |
swing sway rock | body torso hip | | sway |
move | none | to_and_fro+-place | sway |
step walk run jog hop stride | none place | up+stairs up+steps up+ladder up+staircase up+hill | climb |
step walk run jog hop stride | none place | up+ramp up+slope down+stairs down+steps down+ladder | climb |
step walk run jog hop stride | none place | down+staircase down+hill down+ramp down+slope upstairs downstairs uphill downhill | climb |
swing rock sway | none | side forth backward | sway |
swing | thing none place any | | swing |
shake | head | | shake_head |
shake | arm elbow | person | shake_hands |
shake wiggle jiggle | arm elbow shoulder thing none | | shake |
shake wiggle jiggle | body hip leg torso knee | | shake_body |
wiggle jiggle gyrate wriggle | none | | shake_body |
wave waive flag wag | arm elbow none person thing | | wave |
swat swipe slap smack | any | | swat |
rotate turn twist circle spin roll swing move swirl make | torso | | twist |
rotate circle swirl roll spin windmill whirl twirl twist turn | arm elbow | | circle_arms |
rotate circle roll twist | shoulder | | circle_arms |
rotate circle swirl gyrate roll spin twist turn | hip | | circle_hips |
rotate circle roll swirl twist turn spin | leg knee | | circle_leg |
turn rotate face twist | head | around | look_around |
turn rotate face twist move | head | | look |
turn pivot rotate face | body hip person place none thing leg shoulder | | turn |
turn | thing | knob on off | open |
twist | body hip none | | twist |
spin twirl rotate whirl | thing | | use |
roll | head | | move_head |
circle | none thing person place | | walk | path=circle
circle rotate turn | thing | | use |
bend flex | knee leg | | squat |
bend flex curl crook | arm elbow | | bend_arm |
flex | none | | bend_arm |
bend | torso hip body none head | | bend |
bend | thing | | bend |
lean tilt bow drop incline cock | head | | tilt_head |
bow | head | | bow |
tilt lean shift incline angle | torso body hip shoulder none | | lean |
tilt tip | thing | | move_object |
stretch extend reach | arm elbow | up above overhead | raise_arm |
stretch extend spread outstretch reach straighten open widen unfold swing_out hold throw | arm elbow | | extend_arm |
stretch | body torso shoulder head hip none | | stretch |
extend reach | none | up | reach |
stretch extend straighten lengthen thrust outstretch reach | leg knee | | extend_leg |
spread widen open | leg knee | | legs_apart |
close | leg knee | | feet_together |
straighten | torso body none head | | straighten |
extend | thing | | reach |
cross fold | arm elbow | | cross_arms |
uncross unfold | arm elbow | | uncross_arms |
cross fold | leg knee | | cross_legs |
cross | thing place person none | | walk |
open | thing place | | open |
close shut | thing place | | close |
touch tap feel poke hold press rest pat | arm elbow leg knee head torso hip shoulder body thing person place none | | touch |
cover shield protect | any | | touch |
rub scratch massage itch | arm | together | wash_hands |
rub scratch massage itch | any | | scratch |
clasp interlock join fold | arm elbow none | | clasp_hands |
clap slap smack | arm none | together | clap |
clap applaud | any | | clap |
flap flutter | arm elbow none thing | | flap |
flail thrash | any | | flail |
reach | thing any | | reach |
point | leg | | extend_leg |
point | any | | point |
kick | any | | kick |
punch hit jab strike box | any | | punch |
step | leg none thing place | up+stairs | climb |
step | leg none thing place person | | step |
stomp stamp | any | | stomp |
drag | leg | | shuffle |
shuffle slide | leg | | shuffle |
stand balance | leg | | balance |
stand | none | leg+on | balance |
stand balance | none | one_leg | balance |
hop | any | | hop |
jump bounce leap | rope | | jump_rope |
jump leap | any | | jump |
bounce dribble | thing | | dribble |
bounce | none arm knee leg | | jump |
skip | rope | | jump_rope |
walk | animal thing | | walk |
kneel | any | | kneel |
lie lay | none | | lie |
lay | thing | | put_down |
sit seat | any | | sit |
shift transfer distribute | body | | sway |
shift | none | | lean |
lose | balance footing step | | stumble |
catch | balance step body | | stagger |
regain maintain recover find keep catch gain steady hold | balance footing | | balance |
regain recover steady | body none | | balance |
push shove bump knock | person body none | passive | get_pushed |
hit | none | passive | get_pushed |
push press | thing person place none air | | push |
push press | leg torso hip | | push |
pull tug | thing person place none | | pull |
wash scrub | arm | | wash_hands |
wash scrub rinse shampoo lather clean | body head torso leg knee none | | wash |
wash scrub rinse clean polish dust | thing place surface | | wipe |
wipe | any | | wipe |
dry | arm head body torso leg knee | | wipe |
dry | thing none | | wipe |
brush comb | thing head body none arm torso leg shoulder knee | | brush |
pet stroke pat | any | | brush |
pass give offer present feed show | thing person none arm | | give |
play | sport none thing person | | play_sport |
play | instrument | | play_music |
play | guitar | | play_guitar |
play | violin | | play_violin |
play | piano | | play_piano |
play | drums | | play_drums |
play | head arm | | touch |
play | music | | play_music |
ride | any | | ride |
drive steer | any | | drive |
wear don | thing clothing | | dress |
undress | any | | undress |
remove | clothing | | undress |
look peek peep glare gaze stare glance | none | around both to_and_fro | look_around |
look peek peep glare gaze stare glance watch see observe check inspect examine view study face | any | | look |
search scan | none thing place person | | look_around |
check examine inspect | head body torso arm leg | | look |
talk speak chat converse communicate explain argue lecture present | any | | gesture |
gesture motion signal gesticulate sign express indicate | any | | gesture |
call beckon invite summon | person none | | beckon |
call dial answer | phone | | phone |
talk speak | phone | | phone |
pick | thing place any | | pick_up |
pick | none | | pick_up |
scoop gather collect | thing | up | pick_up |
scoop dig shovel | any | | dig |
throw toss lob hurl fling pitch cast launch chuck pass | thing none any | | throw |
aim | any | | aim |
fire | thing none | | shoot |
serve | thing none | | swing |
lunge | leg none any | | lunge |
squat | any | | squat |
crouch duck hunch stoop | any | down none | crouch |
hunch | shoulder torso none body | | bend |
back retreat withdraw backtrack reverse | none | | walk | direction=backward
arch | torso none | | arch |
thrust | torso | | sway |
thrust | thing none | | punch |
nod bob | head none | | nod |
shrug | any | | shrug |
imitate mimic emulate act impersonate simulate | any | | imitate |
dance groove | any | | dance |
exercise train | any | | exercise |
warm | none thing body arm leg | | exercise |
work | none | out | exercise |
work | none thing any | | use |
use operate manipulate handle adjust fix | thing | | use |
type | any | | play_piano |
fight wrestle spar | any | | fight |
dodge avoid evade | any | | dodge |
block defend guard | any | | block |
climb ascend descend scale mount | any | | climb |
enter approach follow leave exit navigate chase traverse | thing place person none | | walk |
swivel | none | | turn |
wind | none arm | | circle_arms |
curl | none thing | | bend_arm |
curl | body torso leg | | bend |
pump | arm none | | move_arm |
pray | any | | pray |
pose | any | | pose |
strike | pose | | pose |
strum pluck | any | | play_guitar |
swim paddle | any | | swim |
hang | thing none arm | | hang |
crawl | any | | crawl |
slide glide skid | none place thing leg | | slide |
stumble trip | any | | stumble |
land | none | fours | get_on_all_fours |
slap | any | | swat |
hug embrace | any | | hug |
cup | arm | | touch |
twirl | none any | | spin |
rest lean | arm elbow | | touch |
plug insert unscrew screw twist grind fasten unlock lock dial assemble build cook make fill load pack | thing clothing | | use |
wrap unwrap wring squeeze zip unzip press button unbutton crack cut slice saw sew paint chop hammer | thing clothing | | use |
fold | thing clothing | | use |
flip | thing | | use |
flip | any | | somersault |
perform do practice complete execute | exercise | | exercise |
tiptoe | any | | tiptoe |
stick | leg | | extend_leg |
stick | arm | | extend_arm |
move go come travel proceed head scoot venture hurry advance | none | | walk |
"""


def _read() -> Mapping[str, tuple[Frame, ...]]:
    rows: dict[str, list[Frame]] = {}
    for line in FRAMES_TEXT.strip().splitlines():
        heads, objects, cues, key, fields = (cell.strip() for cell in line.split("|"))
        frame = Frame(
            frozenset(objects.split()),
            tuple(tuple(cue.split("+")) for cue in cues.split()),
            key,
            tuple((name, value) for name, _, value in (f.partition("=") for f in fields.split())),
        )
        for head in heads.split():
            rows.setdefault(head, []).append(frame)
    return MappingProxyType({head: tuple(frames) for head, frames in rows.items()})


FRAMES = _read()
"""Head -> its rows, in order."""
