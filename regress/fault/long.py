#!/usr/bin/env python3
"""Many short commands and many calls that the broker makes, in one sandbox:
no role grows.

	long.py program load directory commands calls paths

Prints TAP, and what each role has at the first and at the last of twenty
looks.  Descriptors, and the share of each page, only root can see.
"""
import os
import re
import subprocess
import sys
import time

# KiB: a heap's rounding, a lane's stack; what is mapped and not used is more,
# since the C library keeps a few stacks of threads that have ended.
GROWTH = {"RSS": 160, "PSS": 160, "data": 2048}
program, load, top, commands, calls, paths = sys.argv[1:7]
uid = "root" if os.geteuid() == 0 else "user"


def read(pid, name):
    try:
        with open("/proc/%d/%s" % (pid, name)) as f:
            return f.read()
    except OSError:
        return ""


def children(pid):
    return [int(p) for p in
            read(pid, "task/%d/children" % pid).split()]


def look(monitor):
    """{role: {what: number}}; lanes together."""
    pids = {"monitor": [monitor]}
    for p in children(monitor):
        m = re.match(r"privsep-sandbox: (\w+)", read(p, "cmdline"))
        if m:
            pids[m.group(1)] = [p]
    pids["lane"] = children(pids["policy"][0])
    got = {}
    for role, ps in pids.items():
        r = got[role] = {}
        for p in ps:
            for key, name, where in (("RSS", "VmRSS", "status"),
                                     ("data", "VmData", "status"),
                                     ("PSS", "Pss", "smaps_rollup")):
                m = re.search(r"^%s:\s*(\d+)" % name, read(p, where), re.M)
                if m:
                    r[key] = r.get(key, 0) + int(m.group(1))
            try:
                r["fds"] = r.get("fds", 0) + len(
                    os.listdir("/proc/%d/fd" % p))
            except OSError:
                pass
            # a lane worker may have ended since it was listed
            m = re.search(r"^Threads:\s*(\d+)", read(p, "status"), re.M)
            if m:
                r["threads"] = r.get("threads", 0) + int(m.group(1))
    return got


def settled(first, now):
    """One lane, and no role has more of what a lane has than at first."""
    return now["lane"].get("threads") == 1 and \
        now["receiver"]["threads"] == 2 and not [
            role for role in now for key in ("fds", "threads")
            if now[role].get(key, 0) > first.get(role, {}).get(key, 0)]


def run(kind, what, n):
    policy = top + "/policy.conf"
    with open(policy, "w") as f:
        f.write('profile "system"\nallow read, exec under "%s"\n'
                'deny read glob "%s/*.secret"\ndeny exec glob "%s/*.evil"\n'
                % (top, top, top))
        # every call that names a file is handed over
        if kind == "paths":
            f.write('allow all under "%s"\ndeny read glob "%s/*.secret"\n'
                    'hide glob "%s/*.hidden"\ndeny stat "/never-there"\n'
                    % (what, what, what))
    start = time.monotonic()
    p = subprocess.Popen([program, "-v", "-f", policy, "--", load, kind, what,
                          str(n)], stdin=subprocess.PIPE, text=True,
                         stdout=subprocess.PIPE,
                         stderr=open(top + "/err", "w"), cwd=top)
    looks = []
    for line in p.stdout:
        if line.startswith("#"):
            print(line.strip())
            continue
        if line.startswith("failed"):
            print("# " + line.strip())
            break
        looks.append(look(p.pid))
        # One lane more or less is no leak: the spare ones go when idle, and
        # each of its ends after the other.
        for _ in range(200):
            if 1 < len(looks) < 20 or settled(looks[0], looks[-1]):
                break
            time.sleep(0.1)
            looks[-1] = look(p.pid)
        p.stdin.write("\n")
        p.stdin.flush()
    p.stdin.close()
    st = p.wait()
    took = time.monotonic() - start
    with open(top + "/err") as f:
        err = f.read()
    m = re.search("notified:(.*)", err)
    print("# %s %s in %.0f s; notified:%s" % (n, kind, took,
                                             m.group(1) if m else " ?"))
    print("%sok - %s: %s %s, all done" % (
        "" if st == 0 and len(looks) == 20 else "not ", uid, n, kind))
    counted = sum(int(x) for x in re.findall(
        r" (?:openat|execve) (\d+)" if kind != "paths" else r" \w+ (\d+)",
        m.group(1))) if m else 0
    print("%sok - %s: ... each of them notified" % (
        "" if counted >= int(n) // 20 * 20 else "not ", uid))
    for role in looks[0] if looks else ():
        first, last = looks[0][role], looks[-1].get(role, {})
        print("# %-9s %s" % (role, "  ".join(
            "%s %d -> %d" % (k, first[k], last.get(k, 0)) for k in first)))
        grown = [k for k in first
                 if last.get(k, 0) - first[k] > GROWTH.get(k, 0)]
        print("%sok - %s: ... %s has not grown" % (
            "not " if grown else "", uid, role))


run("commands", "/bin/true", commands)
with open(top + "/data", "w") as f:
    f.write("x")
run("opens", top + "/data", calls)
os.mkdir(top + "/tree")
for name in ("x.secret", "x.hidden"):
    with open(top + "/tree/" + name, "w") as f:
        f.write("x")
run("paths", top + "/tree", paths)
