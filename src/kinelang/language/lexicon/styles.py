"""Manners and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "happy": "happily, happy, cheerfully, cheerful, joyfully, joyful, joyously, merrily, gleefully, with joy, with happiness, jolly, "
    "in a happy manner, in a happy way, excitedly, excited, celebrating, in celebration, in happiness, happiness, joy, excitement, "
    "in excitement, with excitement, jovially",
    "sad": "sadly, sad, dejectedly, gloomily, mournfully, sorrowfully, with sadness, depressed, in sadness, mopey, sullenly, glumly, "
    "sadness, unhappy, unhappily, upset, grief, in despair, despondently",
    "angry": "angrily, angry, furious, aggressively, aggressive, mad, madly, irritated, in anger, with anger, annoyed, violent, anger, "
    "irritably, frustrated, in frustration, frustration, frustratedly, fiercely, menacingly, rage, in a rage, threateningly",
    "tired": "tiredly, tired, wearily, weary, exhausted, exhaustedly, sleepily, sleepy, with fatigue, lethargically, drowsily, "
    "groggily, "
    "fatigued, worn out, lethargic",
    "proud": "proudly, proud, confidently, confident, haughtily, boldly, with confidence, cocky, assertively, with swagger, "
    "with a swagger, confidence, arrogantly, pompously, swagger, with purpose, purposefully, with attitude, authoritatively, "
    "determined, with determination, deliberately, deliberate, purposely, sassily, sassy, swaggering, regally, triumphantly, "
    "in triumph",
    "old": "like an old man, like an old person, like an elderly person, like an old lady, elderly, old, like an old woman, "
    "feebly, frail, "
    "weakly, weak, frailly, as an old man",
    "drunk": "drunkenly, drunk, drunken, tipsily, like a drunk, intoxicated, as if drunk, like a drunk person, inebriated, unsteadily, "
    "unsteady, dizzily, dizzy, wobbly, unbalanced, in a drunken manner, like they are drunk, off balance, slightly off balance, "
    "clumsily, clumsy, woozily, woozy, "
    "unstably, unstable, haphazardly, off-balance, disoriented",
    "scared": "fearfully, scared, afraid, frightened, in fear, nervously, nervous, timidly, anxiously, frightfully, with fear, timid, "
    "terrified, startled, fear, anxious, worriedly, worried, shyly, fearful, hesitantly, hesitant, in shock, shocked, defensively, "
    "defensive, cautious with fear, skittishly, apprehensively, uneasily, in a panic",
    "careful": "carefully, careful, cautiously, cautious, gingerly, with care, with caution, warily, caution, stealthily, stealthy, "
    "quietly, quiet, precisely, tentatively, meticulously, attentively, delicately, delicate, trying not to fall, sneakily, wary, "
    "discreetly, "
    "silently",
    "energetic": "energetically, energetic, vigorously, lively, enthusiastically, with energy, with enthusiasm, bouncy, peppy, "
    "dynamically, with vigor, vigorous, enthusiastic, animated, animatedly, powerfully, with force, forcefully, enthusiasm, "
    "eagerly, wildly, "
    "wild, springy, bouncily, spiritedly, active, actively, passionately, intensely, frantically, frantic, vividly",
    "relaxed": "relaxed, casually, casual, nonchalantly, in a relaxed manner, loosely, easily, lazily, laid back, "
    "in a casual manner, relaxingly, loose, comfortably, in a relaxed way, chill, at ease, peacefully, gracefully, graceful, "
    "smoothly, smooth, "
    "nonchalant, effortlessly, fluidly, idly, aimlessly, with ease, lackadaisically, coolly, informally, freely, elegantly, "
    "at leisure, serenely",
    "childish": "childishly, like a child, childlike, playfully, playful, childish, like a kid, goofy, goofily, silly, jokingly, "
    "comically, "
    "like a toddler, like a baby, like a little kid, like a little girl, sillily, funny, fun, in a silly way, in a silly manner",
    "robotic": "robotically, like a robot, mechanically, stiffly, stiff, robotic, jerkily, rigidly, rigid, like a zombie, zombie like, "
    "zombie, robot like, jerky, in a robotic manner, robot, as a robot, stiff legged, like a machine, like a toy soldier, as a zombie, "
    "awkwardly, awkward, tensely, with stiff legs",
    "injured": "injured, with a limp, painfully, in pain, as if hurt, as if injured, with an injured leg, hurt, limping, "
    "like they are hurt, "
    "with pain, wounded, pain, like he is hurt, crippled, lamely, with a hurt leg, as if his leg is hurt, as if in pain",
}

STYLES = tuple(_WORDS)
"""Manners that a stage may have beside its speed and size."""

STYLE_WORDS: Mapping[str, str] = MappingProxyType(
    {word: style for style, words in reversed(_WORDS.items()) for word in words.split(", ")}
)
"""Word or phrase -> style; where a word is under two, the first counts."""
