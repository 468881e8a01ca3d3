"""What can go wrong with a sealed value. No message holds a key, a plaintext or the sealed text.

VaultError
├── BadKeyRing     the setting is not a key ring; says what is wrong, not what it says
├── TooLarge       more than a secret: belongs elsewhere
└── CannotUnseal   this value, with this ring, at this place; a person must look
    ├── NotSealed     not a sealed text at all
    ├── WrongPurpose  sealed for another ring
    ├── UnknownKey    sealed with a key the ring does not have (any more); names its id
    └── Tampered      changed, or moved here from another workspace, table, row or column
"""


class VaultError(Exception):
    """The root of the tree."""


class BadKeyRing(VaultError):
    """The setting is not a key ring."""


class TooLarge(VaultError):
    """More than a secret."""


class CannotUnseal(VaultError):
    """The value does not open with the ring at the place."""


class NotSealed(CannotUnseal):
    """Not a sealed text."""


class WrongPurpose(CannotUnseal):
    """Sealed for another ring."""


class UnknownKey(CannotUnseal):
    """Sealed with a key the ring does not have."""


class Tampered(CannotUnseal):
    """Changed or moved. Which of the two cannot be told."""
