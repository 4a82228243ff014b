#!/usr/bin/python3
"""Is what -n -j says true?  For each rule that it prints, one access that
must pass and one that must fail, tried inside.

usage: explain.py PRIVSEP TRYER HOME [ARGS ...]

What must be is decided here, from the rules as printed, and from what the
same access does outside: only what works there is tried inside.  What a rule
is for is made first if it is not there, below HOME only; elsewhere nothing is
changed.  One line on standard output for whatever is wrong, and one that
counts.
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
RIGHTS = {"read": "readfile", "write": "writefile", "create": "mkfile",
          "delete": "unlink"}
OPS = ("read", "readdir", "write", "create", "exec", "chmod", "mktemp")


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
        self.held = set(j["kernel"]) | set(j["watch"]) | set(j["broker"])
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

    def decide(self, path, right):
        right = RIGHTS.get(right, right)
        for r in self.order:
            if right in r.rights and r.matches(path):
                return r
        return None


class Probe:
    def __init__(self, policy, op, path):
        self.op, self.path, self.tmpdir = op, path, policy.tmpdir
        self.by = policy.decide(path, op)
        self.allowed = self.by is not None and self.by.allow
        # what is made is opened for writing and removed
        also = {"create": ("write", "delete")}
        self.others = [policy.decide(path, r) for r in also.get(op, ())]
        self.unsure = self.allowed and \
            not all(r and r.allow for r in self.others)
        # what happens to the caller is another test's matter
        self.unsure |= self.by is not None and self.by.deadly

    def key(self):
        path = self.path
        if self.tmpdir and (path + "/").startswith(self.tmpdir + "/"):
            path = "$TMPDIR" + path[len(self.tmpdir):]
        return "%s %s" % (self.op, os.fsencode(path).hex())

    def want(self):
        if self.allowed:
            return {"ok"}
        # what is made is written, too: either may be what is refused
        return {r.errno if r else "EACCES" for r in [self.by] + self.others
                if r is None or not r.allow}


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
    return [os.path.join(path, n) for n in known + names[:LOOK]]


def around(r):
    """Places that say something about a rule, the most telling first."""
    if r.match == "glob":
        prefix = r.path[:re.search(r"[][*?{}\\]", r.path).start()]
        top = os.path.dirname(prefix) or "/"
        below = [p for a in entries(top) for p in [a] + entries(a)]
        inside = [glob_one(r.path)] + [p for p in below if r.matches(p)]
        return inside, below
    inside = [r.path] + (entries(r.path) if r.match == "under" else [])
    inside += [p for a in inside[1:6] for p in entries(a)]
    parent = os.path.dirname(r.path)
    return inside, inside + entries(parent) + [parent] + \
        entries(os.path.dirname(parent))


def probes(policy, path, home, cache):
    if path in cache:
        return cache[path]
    found = cache[path] = []
    if path == policy.tmpdir:
        found.append(Probe(policy, "readdir", path))
        found.append(Probe(policy, "create", path + "/.explain"))
        return found
    try:
        st = os.lstat(path)
        if os.path.realpath(path) != path:
            return found
    except OSError:
        return found
    ours = path.startswith(home + "/")
    if stat.S_ISDIR(st.st_mode):
        ops = ["readdir"]
        if ours:
            found.append(Probe(policy, "create",
                               os.path.join(path, ".explain")))
        if ours or path in ("/tmp", "/var/tmp"):
            ops.append("mktemp")
    elif stat.S_ISREG(st.st_mode):
        ops = ["read"]
        if not path.startswith(("/proc/", "/sys/")):
            ops.append("write")
        if ours:
            ops.append("chmod")
        if os.path.basename(path) == "true" or (
                ours and st.st_mode & 0o111 and
                os.path.basename(path) == "probe"):
            ops.append("exec")
    elif path in DEVICES:
        ops = ["read", "write"]
    else:
        ops = []
    found.extend(Probe(policy, op, path) for op in ops)
    return found


def try_all(command, wanted):
    keys = sorted({p.key() for p in wanted})
    run = subprocess.run(command, input="\n".join(keys) + "\n", text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=60)
    out = run.stdout.split("\n")[:-1]
    if run.returncode != 0 or len(out) != len(keys):
        print("%s: status %d, %d of %d tried: %s" % (
            " ".join(command), run.returncode, len(out), len(keys),
            run.stderr[-500:]))
        sys.exit(1)
    return dict(zip(keys, out))


def main():
    privsep, tryer, home = sys.argv[1:4]
    args = sys.argv[4:]
    make(Policy(explain(privsep, args)).rules, home)
    doc = explain(privsep, args)
    policy = Policy(doc)

    cache, places, every = {}, {}, []
    for r in policy.rules:
        inside, near = around(r)
        places[r.i] = (
            [p for x in inside for p in probes(policy, x, home, cache)],
            [p for x in near for p in probes(policy, x, home, cache)])
    for found in cache.values():
        every.extend(p for p in found if not p.unsure)
    with tempfile.TemporaryDirectory() as scratch:
        bare = try_all(["env", "TMPDIR=" + scratch, tryer], every)
    good = {p.key() for p in every if bare[p.key()] == "ok"}

    chosen, lacking = {}, []
    for r in policy.rules:
        inside, near = places[r.i]
        inside = [p for p in inside if p.key() in good]
        near = [p for p in near if p.key() in good]
        own = [p for p in inside if p.by is r]
        passes = [p for p in own if p.allowed] + \
            [p for p in inside + near if p.allowed]
        fails = [p for p in own if not p.allowed] + \
            [p for p in inside + near if not p.allowed]
        if r.allow and not any(p.allowed for p in own):
            passes = []
        if not r.allow and not any(not p.allowed for p in own):
            fails = []
        # every kind of access that it decides itself, and one on each side
        mine = passes[:1] + fails[:1]
        for op in OPS:
            mine += [p for p in own if p.op == op][:1]
        for p in mine:
            chosen[p.key()] = p
        if not passes or not fails:
            lacking.append((r, not passes, not fails))

    got = try_all([privsep] + args + ["--", tryer], chosen.values())
    wrong = 0
    for key, p in sorted(chosen.items()):
        if got[key] not in p.want():
            wrong += 1
            print("%s %s: %s instead of %s, by %s" % (
                p.op, p.path, got[key], " or ".join(sorted(p.want())),
                p.by.name if p.by else "no rule"))
    for r, no_pass, no_fail in lacking:
        there = r.match != "glob" and os.path.lexists(r.path) and \
            not os.path.islink(r.path)
        print("# %s: no access that %s: %s" % (
            "there" if there else "not there",
            " and none that ".join(["must pass"] * no_pass +
                                   ["must fail"] * no_fail), r.name))
    print("# %d rules, %d accesses, %d must pass, %d wrong; "
          "%d rules tried on one side only or not at all" % (
              len(policy.rules), len(chosen),
              sum(p.allowed for p in chosen.values()), wrong, len(lacking)))
    return wrong != 0


sys.exit(main())
