"""What is said in the demo: questions, answers, names. Used by traffic.py and thoughts.py."""

import re
from dataclasses import dataclass

QUESTIONS = (
    "Hi! Where is my order?",
    "Good morning, do you ship to Lisbon?",
    "Is the blue one back in stock?",
    "¿Puedo cambiar la talla?",
    "Ich möchte meine Adresse ändern.",
    "My parcel arrived, but the box was open 😕",
    "Thanks, that worked!",
    "Can I pay on delivery?",
    "مرحبا، هل المتجر مفتوح اليوم؟",
    "Please cancel the second item.",
    "How long does the warranty last?",
    "One more thing: the invoice has the wrong name.",
)
ANSWERS = (
    "Hello! I am looking into it.",
    "It left our warehouse this morning.",
    "You can change it until tonight.",
    "I have sent you a new invoice.",
    "Yes, we are open until six.",
    "Thank you for your patience 🙏",
)
TERMS = (
    "You may return every item within thirty days, unworn and in its box.\n\n"
    "Send it to the address on the invoice. The money comes back the way you paid. "
)
"""Of a long answer: as often as it takes."""
NAMES = ("Ana", "Ben", "Chiara", "Daan", "Elif", "Femi", "Grace", "Hiro", "Inés", "Jonas")
SURNAMES = ("Alves", "Berg", "Costa", "Demir", "Eze", "Fischer", "García", "Haas")
CHOICES = ("Track my order", "Talk to somebody", "Opening hours")
EMOJI = ("❤", "👍", "😆")

_MARK = re.compile(r"\[([0-9a-f]{8})-([ir]\d+)\]")


@dataclass(frozen=True, slots=True)
class Marks:
    """Every text of a run ends in a mark, `[run-item]`; `run` is eight hexadecimal digits."""

    run: str

    def put(self, text: str, key: str) -> str:
        """The text with its mark."""
        return f"{text} [{self.run}-{key}]"

    def key_of(self, text: str | None) -> str | None:
        """Which item of this run a text is; None: of none."""
        mark = _MARK.search(text or "")
        return mark[2] if mark and mark[1] == self.run else None
