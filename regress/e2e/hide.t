#!/bin/sh
# set hide mounts: what is denied for good is not there, for any call.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

if ! unshare -U true 2>/dev/null; then
	skip "hiding by mounts" "no user namespace for uid $(id -u)"
	exit 0
fi
mkdir -p "$HOME/.ssh/deep/er" "$HOME/a b/sub" "$HOME/keep/inner"
for f in .ssh/id .ssh/deep/er/x .netrc "a b/sub/x" keep/x keep/inner/y; do
	echo secret >"$HOME/$f"
done
ln -s "$HOME/.ssh" link
cat >hide.conf <<'CONF'
profile "default"
set hide mounts
deny all under { "$HOME/.ssh" "$HOME/.ssh/deep" "$HOME/.netrc" "$HOME/a b" }
CONF
cat >more.conf <<'CONF'
include "hide.conf"
deny all under { "$HOME/keep" "$HOME/absent" }
allow read under "$HOME/keep/inner"
CONF
mounts() { cat /proc/self/mountinfo; }
before=$(mounts)

run -v -f hide.conf -- sh -c 'cat ../.ssh/id ../.ssh/deep/er/x link/id'
is "a hidden file is not there" \
    "$(echo "$err" | grep -c 'No such file')" 3
like "... and nobody was asked" "$err" 'notified: execve [0-9]+$'
run -f hide.conf -- sh -c 'ls -A ../.ssh "../a b" link/ && stat ../.ssh/id'
is "its directory is empty" "$(echo $out)" \
    "../.ssh: ../a b: link/:"
like "... to stat(2) too" "$err" "No such file"
run -f hide.conf -- sh -c 'wc -c <../.netrc; ls -A .. | grep -c netrc'
is "a hidden file's name is there and it is empty" "$(echo $out)" "0 1"
run -f more.conf -- sh -c 'cat ../keep/inner/y; cat ../keep/x'
is "what a rule allows below is not hidden with the rest" "$st:$out" 1:secret
run -f hide.conf -- sh -c 'mv ../.ssh x; rmdir ../.ssh; rm -f ../.netrc
    touch ../.ssh/new; umount ../.ssh; umount ../.netrc; true'
is "none of it can be moved, removed or filled" \
    "$(cat "$HOME/.ssh/id" "$HOME/.netrc"; ls -A "$HOME/.ssh" | tr '\n' ' ')" \
    "$(echo secret; echo secret; echo 'deep id ')"
run -f hide.conf -- sh -c 'cat /proc/self/root'"$HOME"'/.ssh/id
    cat /proc/$PPID/root'"$HOME"'/.ssh/id /proc/1/root'"$HOME"'/.ssh/id
    cat /proc/self/cwd/../.ssh/id'
unlike "no way around" "$out" secret
run -f hide.conf -- sh -c 'grep -h Cap /proc/self/status | sort -u -k2'
is "no capability is left of the namespace" \
    "$(echo "$out" | awk '{ print $2 }' | sort -u)" 0000000000000000
run -f hide.conf -- sh -c 'echo x >new && ls -n new | cut -d" " -f3; id -u'
is "who owns what is made is as before" "$(echo $out)" "$(id -u) $(id -u)"
run -w -f hide.conf -- sh -c 'cd ..; chmod 700 work; cat work/hide.conf |
    head -1; cat .ssh/id'
is "the broker sees the same names" "$out" 'profile "default"'
unlike "... and no more" "$out" secret
run -f hide.conf -- sh -c 'exec 3<..; cat /proc/self/fd/3/.ssh/id; exit 3'
is "the exit status is the command's" "$st:$out" 3:
(cd "$HOME/.ssh" && sb -f "$WORK/hide.conf" -- cat id) >"$T/out" 2>&1
unlike "started in a hidden directory" "$(cat "$T/out")" secret
is "the mounts outside are as they were" "$(mounts)" "$before"
timeout 10 "$PRIVSEP" -f hide.conf -- sleep 20 &
sleep 0.5
pkill -KILL -P $! 2>/dev/null
wait $! 2>/dev/null
is "... after a kill too" "$(mounts)" "$before"
run -r 'set hide mounts' -- sh -c 'ls -A ../.ssh; cat ../.ssh/id'
like "the default profile's secrets are hidden too" "$st:$out$err" \
    "^1:.*No such file"
run -r 'set hide everything' -- true
like "a wrong word: what was expected" "$err" \
    "hide cannot be 'everything'; expected mounts or none"
if [ "$(id -u)" -ne 0 ]; then
	run -r 'set hide mounts' -r 'keep capability net_raw' -- true
	is "a kept capability would be lost: refused" "$st" 125
	like "... with a reason" "$err" "keep capability goes with it for root"
fi
