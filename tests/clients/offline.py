"""A process without a network: loopback, and nothing else. Linux only."""

import ctypes
import os
import socket
import struct
import sys
from fcntl import ioctl
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # clone(2): CLONE_NEWUSER, CLONE_NEWNET
_SET_FLAGS = 0x8914  # netdevice(7): SIOCSIFFLAGS
_UP = 0x1 | 0x40  # IFF_UP, IFF_RUNNING


def go_offline() -> bool:
    """Leave the machine's network, with all children to come; says whether that was allowed."""
    if not sys.platform.startswith("linux"):
        return False
    user, group = os.geteuid(), os.getegid()
    wanted = _NEW_NET if user == 0 else _NEW_NET | _NEW_USER
    if ctypes.CDLL(None, use_errno=True).unshare(wanted) != 0:
        return False
    if wanted & _NEW_USER:
        _stay(user, group)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", _UP)  # struct ifreq
        ioctl(any_socket, _SET_FLAGS, request)
    return True


def _stay(user: int, group: int) -> None:
    """Be who we were before: in a new user namespace we are nobody."""
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{user} {user} 1")
    (own / "gid_map").write_text(f"{group} {group} 1")
