#!/usr/bin/python3
"""Is what -n -j says true?  For each rule that it prints, one access that
must pass and one that must fail, tried inside.

usage: explain.py PRIVSEP TRYER HOME [ARGS ...]

What must be is decided here, from the rules as printed, and from what the
same access does outside: only what works there is tried inside.  What a rule
is for is made first if it is not there, below HOME only; elsewhere nothing is
changed.  One line on standard output for whatever is wrong, and one that
counts.  world.py does the same where everything can be made.
"""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

LOOK = 24			# entries of a directory that are considered
DEVICES = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom",
           "/dev/random", "/dev/ptmx"}
TRUE_SIZE = os.stat("/bin/true").st_size
# The rights that each access takes: of the path, and of another name.
OPS = {
    "read": ["readfile"], "readdir": ["readdir"], "write": ["writefile"],
    "exec": ["exec"], "truncate": ["truncate"], "chmod": ["chmod"],
    "chown": ["chown"], "chgrp": ["chgrp"], "utime": ["utime"],
    "xattr": ["xattr"], "mktemp": ["mktemp"],
    "create": ["mkfile", "writefile"], "mkdir": ["mkdir"],
    "mkfifo": ["mkfifo"], "mksock": ["mksock"], "symlink": ["symlink"],
    "link": ["link"], "rename": ["rename"], "unlink": ["unlink"],
    "rmdir": ["rmdir"],
}
NEW_NAME = {"rename": ("d", "mkfile")}
ATTRIBUTES = ("truncate", "chmod", "chown", "chgrp", "utime", "xattr")
MADE = ("create", "mkdir", "mkfifo", "mksock", "symlink", "link")
NAMES = MADE + ("rename", "unlink", "rmdir")


def unvis(s):
    def one(m):
        c = m.group(1)
        if c[0] in "01234567":
            return chr(int(c, 8))
        return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "a": "\a",
                "v": "\v", "f": "\f", "s": " ", "0": "\0"}.get(c, c)
    return re.sub(r"\\([0-7]{3}|.)", one, s, flags=re.S)


def glob_regex(pat):
    out, i, depth = "", 0, 0
    while i < len(pat):
        c = pat[i]
        if c == "\\" and i + 1 < len(pat):
            i += 1
            out += re.escape(pat[i])
        elif pat.startswith("/**/", i):
            out += "/(?:.*/)?"
            i += 3
        elif pat.startswith("**", i):
            out += ".*"
            i += 1
        elif c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "[":
            end = pat.index("]", i + 2)
            body = pat[i + 1:end].replace("\\", "\\\\")
            out += "[" + ("^/" + body[1:] if body[0] == "!" else body) + "]"
            i = end
        elif c == "{":
            depth += 1
            out += "(?:"
        elif c == "}":
            depth -= 1
            out += ")"
        elif c == "," and depth:
            out += "|"
        else:
            out += re.escape(c)
        i += 1
    return re.compile(out + r"\Z", re.S)


def glob_one(pat):
    """Some path that it matches."""
    pat = re.sub(r"\{([^{},]*),[^{}]*\}", r"\1", pat)
    pat = re.sub(r"\[([^]!])[^]]*\]", r"\1", pat)
    return re.sub(r"\\(.)", r"\1", pat.replace("**", "x").replace("*", "x")
                  .replace("?", "x"))


class Rule:
    def __init__(self, i, j):
        self.i = i
        self.path = unvis(j["path"])
        self.match = j["match"]
        self.allow = j["action"] == "allow"
        self.quick = j["quick"]
        self.rights = set(j["rights"])
        self.deadly = j["effect"] in ("kill", "stop", "abort", "exit")
        self.errno = j.get("errno", "EACCES")
        self.name = "%s:%d %s" % (j["file"], j["line"],
                                  j.get("statement", j["path"]))
        if self.match == "glob":
            self.re = glob_regex(self.path)

    def matches(self, path):
        if self.match == "glob":
            return self.re.match(path) is not None
        if path == self.path or (self.match == "under" and self.path == "/"):
            return True
        return self.match == "under" and path.startswith(self.path + "/")


class Policy:
    def __init__(self, doc):
        self.rules = [Rule(i, j) for i, j in enumerate(doc["rules"])]
        self.tmpdir = unvis(doc.get("tmpdir", ""))
        self.order = [r for r in self.rules if r.quick] + \
            [r for r in reversed(self.rules) if not r.quick]
        self.rank = {r.i: n for n, r in enumerate(self.order)}
        self.globs = [r for r in self.rules if r.match == "glob"]
        self.named, self.seen = {}, {}
        for r in self.rules:
            if r.match != "glob":
                self.named.setdefault(r.path, []).append(r)

    def matching(self, path):
        """The rules for a path, the strongest first."""
        if path not in self.seen:
            found = [r for r in self.globs if r.matches(path)]
            for p in [path] + list(above(path)):
                found += [r for r in self.named.get(p, ()) if r.matches(path)]
            self.seen[path] = sorted(found, key=lambda r: self.rank[r.i])
        return self.seen[path]

    def decide(self, path, right):
        for r in self.matching(path):
            if right in r.rights:
                return r
        return None


def above(path):
    """The directories that a path is in, the nearest first."""
    while path != "/":
        path = os.path.dirname(path)
        yield path


class Probe:
    def __init__(self, policy, op, path):
        self.op, self.path, self.tmpdir = op, path, policy.tmpdir
        by = [policy.decide(path, right) for right in OPS[op]]
        if op in NEW_NAME:
            end, right = NEW_NAME[op]
            by.append(policy.decide(path + end, right))
        # any of them may be what is refused
        self.denials = [r for r in by if r is None or not r.allow]
        self.allowed = not self.denials
        self.by = self.denials[0] if self.denials else by[0]
        # what happens to the caller is another test's matter
        self.unsure = any(r is not None and r.deadly for r in by)

    def key(self):
        path = self.path
        if self.tmpdir and (path + "/").startswith(self.tmpdir + "/"):
            path = "$TMPDIR" + path[len(self.tmpdir):]
        return "%s %s" % (self.op, os.fsencode(path).hex())

    def want(self):
        if self.allowed:
            return {"ok"}
        return {r.errno if r else "EACCES" for r in self.denials}


def explain(privsep, args):
    run = subprocess.run([privsep, "-n", "-j"] + args, stdout=subprocess.PIPE)
    if run.returncode != 0:
        print("-n -j: status %d" % run.returncode)
        sys.exit(1)
    return json.loads(run.stdout)


def make(rules, home):
    """What the rules are about, below home."""
    for r in rules:
        path = glob_one(r.path) if r.match == "glob" else r.path
        if not path.startswith(home + "/") or os.path.lexists(path):
            continue
        parent = path if r.match == "under" else os.path.dirname(path)
        try:
            os.makedirs(parent, exist_ok=True)
            for name in ("probe", os.path.basename(path)):
                f = os.path.join(parent, name)
                if not os.path.lexists(f):
                    shutil.copy("/bin/true", f)
                    os.chmod(f, 0o755)
        except OSError:
            continue	# another rule has a file there


def entries(path):
    try:
        names = sorted(os.listdir(path))
    except OSError:
        return []
    # the ends of the list, the likes of "true" and our own first
    known = [n for n in ("true", "probe", "hostname", "passwd", "version",
                         "ostype", "kernel", "bin", "sys") if n in names]
    return [os.path.join(path, n) for n in known +
            [n for n in names if not n.startswith(".explain")][:LOOK]]


def around(r):
    """Places that say something about a rule, the most telling first."""
    if r.match == "glob":
        prefix = r.path[:re.search(r"[][*?{}\\]", r.path).start()]
        top = os.path.dirname(prefix) or "/"
        below = [p for a in entries(top) for p in [a] + entries(a)]
        return [glob_one(r.path)] + below
    inside = [r.path] + (entries(r.path) if r.match == "under" else [])
    inside += [p for a in inside[1:6] for p in entries(a)]
    parent = os.path.dirname(r.path)
    return inside + entries(parent) + [parent] + \
        entries(os.path.dirname(parent))


def accesses(path, ours):
    """What can be tried on a path: of ours nearly everything."""
    try:
        st = os.lstat(path)
        if os.path.realpath(path) != path:
            return []
    except OSError:
        return []
    if stat.S_ISDIR(st.st_mode):
        found = [(op, path) for op in ("readdir",) +
                 (ATTRIBUTES[1:] if ours else ())]
        if ours or path in ("/tmp", "/var/tmp"):
            found.append(("mktemp", path))
        return found + [(op, os.path.join(path, ".explain-" + op))
                        for op in NAMES if ours]
    ops = []
    if stat.S_ISREG(st.st_mode):
        ops = ["read"]
        if not path.startswith(("/proc/", "/sys/")):
            ops.append("write")
        if ours:
            ops.extend(ATTRIBUTES)
        # what does nothing: copies of true(1)
        if st.st_mode & 0o111 and st.st_size == TRUE_SIZE:
            ops.append("exec")
    elif path in DEVICES:
        ops = ["read", "write"]
    elif stat.S_ISCHR(st.st_mode) and ours:
        ops = ["read", "write", "chmod", "chown", "chgrp", "utime"]
    return [(op, path) for op in ops]


def probes(policy, path, ours, cache):
    if path in cache:
        return cache[path]
    if path == policy.tmpdir:
        found = [(op, path) for op in ("readdir", "mktemp", "chmod")] + \
            [(op, path + "/.explain-" + op) for op in MADE if op != "link"]
    else:
        found = accesses(path, ours)
    cache[path] = [Probe(policy, op, p) for op, p in found]
    return cache[path]


def prepare(wanted):
    """The names that accesses make go, those that they take away come."""
    for p in wanted:
        base = os.path.basename(p.path)
        if not base.startswith(".explain-") or \
                os.path.dirname(p.path) == p.tmpdir:
            continue
        if p.op in MADE and os.path.lexists(p.path):
            (os.rmdir if p.op == "mkdir" else os.unlink)(p.path)
        there = {"link": p.path + "-from", "rename": p.path,
                 "unlink": p.path}.get(p.op)
        try:
            if p.op == "rmdir" and not os.path.lexists(p.path):
                os.mkdir(p.path)
            elif p.op == "rename" and os.path.lexists(p.path + "d"):
                os.rename(p.path + "d", p.path)
            elif there and not os.path.lexists(there):
                os.close(os.open(there, os.O_CREAT | os.O_WRONLY, 0o644))
        except OSError:
            pass	# then it cannot be tried


def try_all(command, wanted, run=subprocess.run):
    """What came of each, by key; names last, as they change what is there."""
    rank = list(OPS)
    keys = sorted({p.key() for p in wanted},
                  key=lambda k: (rank.index(k.split()[0]), k))
    done = run(command, input="\n".join(keys) + "\n", text=True,
               stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    out = done.stdout.split("\n")[:-1]
    if done.returncode != 0 or len(out) != len(keys):
        print("%s: status %d, %d of %d tried: %s" % (
            " ".join(command), done.returncode, len(out), len(keys),
            done.stderr[-500:]))
        sys.exit(1)
    return dict(zip(keys, out))


class Choice:
    """Which accesses to try: of each rule some that it decides, and on the
    other side the same ones in the nearest place where they are decided
    otherwise."""
    def __init__(self, policy, good):
        self.own, self.nearest = {}, {}
        for p in good:
            if p.by is not None:
                self.own.setdefault(p.by.i, []).append(p)
            for d in above(p.path):
                self.nearest.setdefault((p.op, p.allowed, d), p)
        self.good, self.chosen, self.lacking = good, {}, []
        self.beside = 0
        for r in policy.rules:
            self.rule(r)

    def near(self, op, allowed, path):
        for d in list(above(path)) or [path]:
            if (op, allowed, d) in self.nearest:
                return self.nearest[op, allowed, d]
        return None

    def rule(self, r):
        ops, other, within = {}, {}, None
        for p in self.own.get(r.i, ()):
            ops.setdefault(p.op, p)
        for op in ops:
            p = self.near(op, not r.allow, r.path)
            if p is not None:
                other[op] = p
        if r.allow:	# what it does not give will do, too
            for p in self.near_rule(r):
                if not p.allowed and OPS[p.op][0] not in r.rights:
                    within = p
                    break
        for p in list(ops.values()) + list(other.values()) + \
                ([within] if within else []):
            self.chosen[p.key()] = p
        if not r.allow:
            self.beside += any(os.path.dirname(p.path) ==
                               os.path.dirname(r.path)
                               for p in other.values())
        mine, others = bool(ops), bool(other or within)
        if not mine or not others:
            passes, fails = (mine, others) if r.allow else (others, mine)
            self.lacking.append((r, not passes, not fails))

    def near_rule(self, r):
        return (p for p in self.good if r.matches(p.path))


def judge(policy, choice, got):
    """Print what is wrong, and count."""
    wrong, sides = 0, {op: [0, 0] for op in OPS}
    for key, p in sorted(choice.chosen.items()):
        sides[p.op][not p.allowed] += 1
        if got[key] not in p.want():
            wrong += 1
            print("%s %s: %s instead of %s, by %s" % (
                p.op, p.path, got[key], " or ".join(sorted(p.want())),
                p.by.name if p.by else "no rule"))
    print("# %d rules, %d accesses, %d must pass, %d wrong; "
          "%d rules tried on one side only or not at all" % (
              len(policy.rules), len(choice.chosen),
              sum(p.allowed for p in choice.chosen.values()), wrong,
              len(choice.lacking)))
    print("# %d of %d denials beside the same access allowed" % (
        choice.beside, sum(not r.allow for r in policy.rules)))
    print("# pass/fail: " + ", ".join(
        "%s %d/%d" % (op, n[0], n[1]) for op, n in sides.items() if any(n)))
    return wrong


def side(no_pass, no_fail):
    return "no access that " + " and none that ".join(
        ["must pass"] * no_pass + ["must fail"] * no_fail)


def main():
    privsep, tryer, home = sys.argv[1:4]
    args = sys.argv[4:]
    make(Policy(explain(privsep, args)).rules, home)
    policy = Policy(explain(privsep, args))

    cache = {}
    for r in policy.rules:
        for path in around(r):
            probes(policy, path, path.startswith(home + "/"), cache)
    every = [p for found in cache.values() for p in found if not p.unsure]
    prepare(every)
    with tempfile.TemporaryDirectory() as scratch:
        bare = try_all(["env", "TMPDIR=" + scratch, tryer], every)
    choice = Choice(policy, [p for p in every if bare[p.key()] == "ok"])
    prepare(every)
    got = try_all([privsep] + args + ["--", tryer], choice.chosen.values())
    wrong = judge(policy, choice, got)
    for r, no_pass, no_fail in choice.lacking:
        print("# %s: %s" % (side(no_pass, no_fail), r.name))
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
