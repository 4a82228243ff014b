#!/bin/sh
# Statements of the policy language, as a program inside sees them.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# policy NAME: standard input after what a shell needs.
policy() {
	cat - >"$1" <<-'CONF'
	allow read, exec under { /usr /bin /lib /lib64 /etc /dev }
	allow read, write, create, delete under "$PWD"
	CONF
	cat >>"$1"
}
policy base.conf </dev/null
echo text >file

# ---- promise

try='cat file; echo new >>file; echo made >made; rm made; chmod 600 file'
run -f base.conf -r 'allow all under "$PWD"' -- sh -c "$try"
is "without a promise the rules hold" "$st:$out:$err:$(cat file)" \
    "0:text::text
new"
echo text >file
run -f base.conf -r 'allow all under "$PWD"' -r 'promise "stdio rpath exec"' \
    -- sh -c "$try"
is "a promise of rpath: reading works" "$out" text
is "... writing, making and removing do not" \
    "$(cat file)$(ls made 2>/dev/null)" text
like "... nor do modes" "$err" "chmod: .*denied"
run -f base.conf -r 'promise "exec" "rpath"' -r 'allow all under "$PWD"' \
    -r 'promise wpath' -- sh -c 'echo new >>file; echo x >made'
is "promises add up, and later rules give nothing back" \
    "$(cat file | tr '\n' ' ')$(ls made 2>/dev/null)" "text new "
sock='import socket; socket.socket(); print("socket")'
if have python3; then
	run -f base.conf -r 'allow net' -- python3 -c "$sock"
	is "allow net gives sockets" "$out" socket
	run -f base.conf -r 'promise "stdio rpath exec"' -r 'allow net' -- \
	    python3 -c "$sock"
	like "... a promise without inet takes them" "$out$err" \
	    "^PermissionError"
	run -f base.conf -r 'promise "rpath exec inet"' -r 'allow net' -- \
	    python3 -c "$sock"
	is "... one with inet leaves them" "$out" socket
else
	skip "promises and the network" "no python3"
fi
run -f base.conf -r 'promise "stdio rpath"' -- true
is "a promise without exec is 125" "$st" 125
is "... and says why" "$err" "-r:1: without \"exec\" the command itself \
could not start; expected exec among what is promised; for example: promise \
\"stdio rpath wpath cpath exec\""

# ---- use env

mkdir -p "$HOME/cache[1]" "$HOME/cache1"
echo cached >"$HOME/cache[1]/f"
echo other >"$HOME/cache1/f"
policy env.conf <<'CONF'
use env { T_CACHE T_NONE }
allow read under $T_NONE
allow read glob "$T_CACHE/*"
CONF
T_CACHE="$HOME/cache[1]" run -f env.conf -- cat "$HOME/cache[1]/f"
is "use env: what the variable names is allowed" "$out" cached
T_CACHE="$HOME/cache[1]" run -f env.conf -- cat "$HOME/cache1/f"
is "... and nothing that it would match as a pattern" "$st:$out" "1:"
run -f env.conf -- cat "$HOME/cache1/f"
is "... nothing at all while it is unset" "$st:$out" "1:"
T_CACHE=cache1 run -f env.conf -- true
is "... and a relative one is refused" "$st:$err" "125:env.conf:3: \$T_CACHE: \
the value does not begin with /; expected an absolute path in the \
environment, or none; for example: T_CACHE=/home/user/dir"
T_CACHE="/x
allow all under /" run -f env.conf -- true
is "... and so is one that would be a line" "$st" 125
AWS_CONFIG_FILE=$HOME/cache1/f run -f base.conf -r 'use env AWS_CONFIG_FILE
allow read $AWS_CONFIG_FILE' -- sh -c \
    'cat "$0"; echo "${AWS_CONFIG_FILE-removed}"' "$HOME/cache1/f"
is "... a variable that the command does not get can be used" "$out" "other
removed"

# ---- file-system types

policy fs.conf <<'CONF'
allow read fstype proc
CONF
run -f base.conf -- cat /proc/version
is "without a rule /proc cannot be read" "$st:$out" "1:"
run -f fs.conf -- cat /proc/version
is "a rule by file-system type lets it" "$st:$out" "0:$(cat /proc/version)"
run -f fs.conf -- cat file
is "... and takes nothing" "$st" 0
run -f fs.conf -- cat /sys/kernel/ostype "$HOME/cache1/f"
is "... and gives nothing elsewhere" "$st:$out" "1:"
run -n -f fs.conf
like "-n shows the mount" "$out" '^allow read under "/proc"'
run -f fs.conf -r 'deny read fstype proc' -- cat /proc/version
is "a denial by type" "$st:$out" "1:"
# All but the root: what is mounted below it keeps what was said before.
type=$(stat -f -c %T "$WORK")
root=$(awk '$5 == "/" { sub(/.* - /, ""); t = $1 } END { print t }' \
    /proc/self/mountinfo)
if [ "$(df --output=target "$WORK" | tail -1)" = / ]; then
	run -f fs.conf -r "deny read fstype $root" -r 'allow read,exec under {
	/usr /bin /lib /lib64 /etc }' -- sh -c 'cat /proc/version; cat file'
	is "another type below stays as it was" "$st:$out" \
	    "1:$(cat /proc/version)"
	run -f base.conf -r "allow quick read fstype $root" -- true
	is "... or it is refused" "$st" 125
	like "... with both mounts" "$err" "^-r:1: fstype $root is mounted at \
/, but [^ ]+ at /[^ ]* below it"
else
	skip "another type below" "$WORK ($type) is not on the root"
fi

# ---- options

run -r 'set require landlock 1' -- true
is "require landlock: what the kernel has" "$st:$err" "0:"
run -r 'set require landlock 20' -r 'set degrade yes' -- touch ran
is "... what it has not: 125, whatever degrade says" "$st" 125
test ! -e ran; ok "... and nothing has run"
like "... with both versions" "$err" \
    "^-r:1: this kernel has Landlock ABI [0-9]+ and the policy requires 20; "
run -r 'set require landlock 99' -- touch ran
is "... no kernel will: 125" "$st" 125
like "... and the line" "$err" \
    "^-r:1: landlock cannot be '99'; expected a number from 1 to 20; for ex"
test ! -e ran; ok "... nothing has run"
run -r 'set watch yes' -- cat /etc/shadow
like "set watch yes: a denial has its line" "$err" 'denied: .*"/etc/shadow"'
run -r 'set watch no' -l "$T/log" -- cat /etc/shadow
unlike "set watch no: not even with -l" "$(cat "$T/log")" "denied"
run -w -r 'set watch no' -- cat /etc/shadow
like "-w goes before" "$err" 'denied: .*"/etc/shadow"'
run -r 'set late-siblings often' -- true
is "a wrong word is told" "$st:$err" "125:-r:1: late-siblings cannot be \
'often'; expected broker or deny; for example: set late-siblings broker"

# ---- single rights

mkdir -p d
run -f base.conf -r 'deny all under "$PWD/d"' \
    -r 'allow writefile, mkfile under "$PWD/d"' -- \
    sh -c 'echo x >>d/f && echo made; mkdir d/sub; cat d/f; rm d/f'
is "mkfile and writefile: make and write a file, no more" \
    "$out:$(ls -A d)" "made:f"
run -f base.conf -r 'deny delete under "$PWD/d"' \
    -r 'allow unlink under "$PWD/d"' -- sh -c 'mkdir d/s; rm d/f; rmdir d/s'
is "unlink removes files, not directories" "$(ls -A d)" s
