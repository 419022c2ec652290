"""One line a check, and an exit code that says whether all of them hold."""
import sys


class Checks:
    def __init__(self):
        self.failed = 0

    def at_most(self, name, difference, limit, where=''):
        at = f' at {where}' if where else ''
        self.line(difference <= limit, name, f'largest difference {difference:.1e} (limit {limit:.0e}){at}')

    def that(self, name, holds, detail=''):
        self.line(holds, name, detail)

    def line(self, holds, name, detail):
        self.failed += not holds
        print(f'{"ok " if holds else "OUT"}  {name:44s} {detail}', flush=True)

    def end(self):
        sys.exit(1 if self.failed else 0)
