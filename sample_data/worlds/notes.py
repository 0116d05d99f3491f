"""Words: the notes that agents leave after a contact, and names of cities that do not exist."""

import numpy as np

AGENTS = ("Ana", "Bram", "Chloe", "Daan", "Eva", "Femi", "Gus", "Hana", "Ivo", "Jo", "Kim", "Lena",
          "Max", "Noor", "Otto", "Pia", "Quinn", "Rosa", "Sam", "Tess")  # fmt: skip
CHANNELS = ("called", "wrote", "came to the shop", "used the chat", "rang back", "sent an email")
TOPICS = ("the invoice", "the roaming bundle", "the new router", "a change of address", "coverage",
          "a broken SIM card", "the summer offer", "direct debit", "the app", "a missed payment",
          "number porting", "data limits")  # fmt: skip
MOODS = {
    "unhappy": (
        "says it is too expensive", "asked how to cancel", "compares us with a competitor",
        "frustrated after a long wait", "wants to leave when the contract ends",
        "complained again, no solution yet", "mentioned a cheaper offer elsewhere",
    ),
    "neutral": (
        "question answered", "sent a copy by post", "explained the details", "will check online",
        "asked to be called next week", "data updated in the system", "nothing else to do",
        "asked for the price list",
    ),
    "happy": (
        "very pleased with the service", "thanked us for quick help", "recommended us to a friend",
        "asked about adding a second line", "glad it works again",
    ),
}  # fmt: skip
MISREAD = 0.12  # share of notes that say nothing of the mood


def write(mood: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Write one note a customer; its wording follows the mood, but not always."""
    shown = np.where(rng.random(len(mood)) < MISREAD, "neutral", mood)
    picks = rng.integers(0, 2**31, (len(mood), 5))
    return [_note(str(m), [int(p) for p in pick]) for m, pick in zip(shown, picks, strict=True)]


def _note(mood: str, pick: list[int]) -> str:
    said = MOODS[mood][pick[0] % len(MOODS[mood])]
    who, how = AGENTS[pick[1] % len(AGENTS)], CHANNELS[pick[2] % len(CHANNELS)]
    about, day = TOPICS[pick[3] % len(TOPICS)], pick[4] % 28 + 1
    return f"{how} on day {day} about {about}, {said} ({who})"


def city_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` distinct invented names, in random order."""
    starts = ("Al", "Bre", "Cas", "Dor", "El", "Fen", "Gro", "Hol", "Ij", "Kam", "Lin", "Mol")
    ends = ("bach", "burg", "dam", "den", "ford", "haven", "hout", "mere", "stad", "veld", "wijk",
            "zand", "mond")  # fmt: skip
    names = [start + end for start in starts for end in ends]
    return [names[i] for i in rng.permutation(len(names))[:count]]
