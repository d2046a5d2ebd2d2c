# expected: status timed_out
# Raises an exception whose traceback goes round in a ring.

class Ring:
    @property
    def tb_next(self):
        return self

    class tb_frame:
        class f_code:
            co_filename = "ring"


class Odd(Exception):
    __traceback__ = property(lambda self: Ring())


raise Odd
