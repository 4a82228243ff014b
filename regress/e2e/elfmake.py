# Damaged executables: elfmake.py GOOD DIRECTORY makes one file for each
# defect, named after it, of a good static executable.
import os, struct, sys

good = open(sys.argv[1], "rb").read()
out = sys.argv[2]
EH = struct.Struct("<16sHHIQQQIHHHHHH")
PH = struct.Struct("<IIQQQQQQ")
(IDENT, TYPE, MACHINE, VERSION, ENTRY, PHOFF, SHOFF, FLAGS, EHSIZE,
    PHENTSIZE, PHNUM, SHENTSIZE, SHNUM, SHSTRNDX) = range(14)
PTYPE, PFLAGS, POFFSET, PVADDR, PPADDR, PFILESZ, PMEMSZ, PALIGN = range(8)
PT_LOAD, PT_INTERP = 1, 3
BIG = (1 << 64) - 1

def parts():
    eh = list(EH.unpack_from(good))
    phs = [list(PH.unpack_from(good, eh[PHOFF] + i * PH.size))
        for i in range(eh[PHNUM])]
    return eh, phs

def put(name, eh, phs, data=None, cut=None):
    data = bytearray(good if data is None else data)
    data[:EH.size] = EH.pack(*eh)
    at = parts()[0][PHOFF]
    for i, ph in enumerate(phs):
        data[at + i * PH.size:at + (i + 1) * PH.size] = PH.pack(*ph)
    with open(os.path.join(out, name), "wb") as f:
        f.write(bytes(data[:cut]))
    os.chmod(os.path.join(out, name), 0o755)

def header(name, field, value):
    eh, phs = parts()
    eh[field] = value
    put(name, eh, phs)

def load(name, *changes):
    eh, phs = parts()
    ph = [p for p in phs if p[PTYPE] == PT_LOAD][0]
    for field, value in changes:
        ph[field] = value
    put(name, eh, phs)

eh, phs = parts()
for name, cut in (("truncated-ident", 15), ("truncated-header", 63),
    ("truncated-segments", eh[PHOFF] + PH.size + 7), ("empty", 0)):
    put(name, eh, phs, cut=cut)
header("type-none", TYPE, 0)
header("type-object", TYPE, 1)
header("type-core", TYPE, 4)
header("machine-other", MACHINE, 183)
header("segments-none", PHNUM, 0)
header("segments-huge-count", PHNUM, 0xffff)
header("segments-size-other", PHENTSIZE, 1)
header("segments-offset-wraps", PHOFF, BIG - 8)
header("segments-offset-past-end", PHOFF, len(good))
header("segments-offset-negative", PHOFF, 1 << 63)
header("entry-nowhere", ENTRY, 0x10)
header("entry-kernel", ENTRY, BIG - 0xfff)
load("load-offset-wraps", (POFFSET, BIG - 0xfff))
load("load-size-huge", (PFILESZ, BIG), (PMEMSZ, BIG))
load("load-address-wraps", (PVADDR, BIG - 0xfff))
load("load-file-larger-than-memory", (PFILESZ, 0x2000), (PMEMSZ, 1))
load("load-past-end", (POFFSET, 1 << 40))
load("load-misaligned", (PVADDR, phs[0][PVADDR] + 1))
load("load-align-odd", (PALIGN, 3))

e, p = parts()
loads = [x for x in p if x[PTYPE] == PT_LOAD]
loads[1][PVADDR] = loads[0][PVADDR]
put("loads-overlap", e, p)
e, p = parts()
loads = [i for i, x in enumerate(p) if x[PTYPE] == PT_LOAD]
p[loads[0]], p[loads[1]] = p[loads[1]], p[loads[0]]
put("loads-descend", e, p)

def interp(name, text, size=None, at=None):
    e, p = parts()
    other = [x for x in p if x[PTYPE] != PT_LOAD][0]
    other[PTYPE] = PT_INTERP
    other[POFFSET] = len(good) if at is None else at
    other[PFILESZ] = other[PMEMSZ] = len(text) if size is None else size
    put(name, e, p, good + text)

here = os.path.realpath(out).encode()
interp("interpreter-empty", b"\0")
interp("interpreter-unterminated", b"/lib64/x")
interp("interpreter-huge", b"/x\0", 1 << 40)
interp("interpreter-past-end", b"/x\0", 64, 1 << 62)
interp("interpreter-wraps", b"/x\0", 64, BIG - 3)
interp("interpreter-itself", here + b"/interpreter-itself\0")
interp("interpreter-cycle-a", here + b"/interpreter-cycle-b\0")
interp("interpreter-cycle-b", here + b"/interpreter-cycle-a\0")
interp("interpreter-directory", b"/\0")
interp("interpreter-device", b"/dev/zero\0")
e, p = parts()
rest = [x for x in p if x[PTYPE] != PT_LOAD]
if len(rest) > 1:
    for x in rest[:2]:
        x[PTYPE], x[POFFSET] = PT_INTERP, len(good)
        x[PFILESZ] = x[PMEMSZ] = 28
    put("interpreters-two", e, p, good + b"/lib64/ld-linux-x86-64.so.2\0")
