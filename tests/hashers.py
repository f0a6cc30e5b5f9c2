"""A password hash that costs no time, and that the real processes can check all the same."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    """PBKDF2 with one round."""

    iterations = 1
