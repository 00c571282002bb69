"""Runs a command in a pseudo-terminal: terminal.py COLUMNS ROWS COMMAND...

What the terminal is sent goes to standard output. Standard input brings orders, one a line: `size COLUMNS ROWS`, or
`keys TEXT` for what is typed, with the escapes of Python. Ends with the command, and with its exit code.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def resize(terminal, columns, rows):
    size = struct.pack("HHHH", int(rows), int(columns), 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


def obey(terminal, order):
    what, rest = order.split(" ", 1)
    if what == "size":
        resize(terminal, *rest.split())
    else:
        os.write(terminal, rest.encode().decode("unicode_escape").encode())


def main():
    columns, rows, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        resize(0, columns, rows)
        os.execvp(command[0], command)
    sources, orders = [terminal, 0], b""
    while True:
        ready, _, _ = select.select(sources, [], [])
        if terminal in ready:
            try:
                shown = os.read(terminal, 65536)
            except OSError:  # how Linux says that nobody has it open any more
                break
            if not shown:
                break
            sys.stdout.buffer.write(shown)
            sys.stdout.buffer.flush()
        if 0 in ready:
            read = os.read(0, 4096)
            if not read:
                sources.remove(0)
            orders += read
            *whole, orders = orders.split(b"\n")
            for order in whole:
                obey(terminal, order.decode())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
