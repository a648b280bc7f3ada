"""Password hashing that a test can do often: the same, with small parameters; and one that notes its work."""

import threading

from pwdlib.hashers.argon2 import Argon2Hasher

from journal.passwords import Passwords

GOOD, OTHER = "a quiet evening", "a long walk home"


def quick(time_cost=1):
    return Passwords(Argon2Hasher(time_cost=time_cost, memory_cost=8, parallelism=1))


class Counting(Argon2Hasher):
    """Notes each verification: its parameters, and the thread it was done in."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.worked = []
        self.threads = set()

    def verify(self, password, kept):
        self.worked.append(kept.rsplit("$", 2)[0])
        self.threads.add(threading.get_ident())
        return super().verify(password, kept)
