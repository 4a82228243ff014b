#!/bin/sh
# What a denial says: text and JSON, escapes, rate limit, -l file.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

mkdir -p "$HOME/.ssh"
key=$HOME/.ssh/id
echo secret >"$key"

# logrun ARGS: run, with the log in $log; stderr is shared with the command,
# whose messages can come in the middle of a line.
logrun() {
	rm -f "$T/log"
	run -l "$T/log" "$@"
	log=$(cat "$T/log" 2>/dev/null)
}

logrun -- cat "$key"
like "text: who, what, which rule, the cure" "$log" \
    '^privsep-sandbox: denied: pid [0-9]+ \(cat\) openat read "'"$key"'" by secrets:[0-9]+ deny [a-z, ]+ under "'"$HOME"'/\.ssh"; to allow: allow read "'"$key"'"$'
is "text: one line for one denial" "$(echo "$log" | grep -c denied)" 1
cure=$(echo "$log" | sed -n 's/.*; to allow: //p')
logrun -r "$cure" -- cat "$key"
is "the cure works as it stands" "$st:$out" "0:secret"
rule=$(sb -w -- cat "$key" 2>&1 >/dev/null | sed -n 's/.* by secrets:\([0-9]*\) .*/\1/p')
sed -n "1,${rule:-1}p" "$SRC/monitor/profiles/secrets.conf" | tail -12 |
    grep -q 'HOME/.ssh\|deny contents under'
ok "the line number is that of the profile" "line $rule"

logrun -- touch /usr/x
like "no rule: by default" "$log" \
    'denied: .* "/usr/x" by default; to allow: allow [a-z, ]+ "/usr/x"$'
cat >p.conf <<'CONF'
allow read, exec under { /usr /bin /lib /lib64 /etc }

deny read "/etc/hostname"
CONF
logrun -f p.conf -- cat /etc/hostname
like "a file's rule: file and line" "$log" \
    'openat read "/etc/hostname" by p.conf:3 deny read "/etc/hostname"; '
logrun -r 'deny read /etc/hostname' -- cat /etc/hostname
like "a rule of the command line: -r:1" "$log" \
    'by -r:1 deny read "/etc/hostname"; '
logrun -r 'deny read /etc/hostname errno ENOENT' -- cat /etc/hostname
like "the rule's own error is what the command sees" "$err" \
    "cat: .*No such file"
like "... and the line is there" "$log" "denied: .* by -r:1 "
logrun -r 'deny read /etc/hostname errno EINTR' -- cat /etc/hostname
like "... even one that asks to try again, once" "$st:$err" \
    "^1:cat: .*Interrupted system call"
logrun -r 'allow log read /etc/hostname' -- cat /etc/hostname
like "a log rule that allows" "$log" \
    '^privsep-sandbox: allowed: pid [0-9]+ \(cat\) openat read "/etc/hostname"'
logrun -r 'deny exec /usr/bin/cat' -- sh -c 'cat /etc/passwd || echo no'
like "exec" "$log" 'execve exec "/usr/bin/cat" by -r:1 '
is "exec: the shell goes on" "$out" no

# ---- JSON

logrun -j -- cat "$key"
json=$(echo "$log" | grep '^{')
if have jq; then
	is "JSON: the members" "$(echo "$json" | jq -r \
	    '[.event, .comm, .call, .right, .path, (.pid > 1)] | @csv')" \
	    "\"denied\",\"cat\",\"openat\",\"read\",\"$key\",true"
	like "JSON: the rule" "$(echo "$json" | jq -r .rule)" \
	    "^secrets:[0-9]+$"
	is "JSON: the cure" "$(echo "$json" | jq -r .allow)" \
	    "allow read \"$key\""
	run -r "$(echo "$json" | jq -r .allow)" -- cat "$key"
	is "JSON: the cure works" "$out" secret
else
	skip "JSON" "no jq"
fi

# ---- escapes

odd=$(printf '%s/.ssh/a\nprivsep-sandbox: denied: fake\033[31m\007\302\233"\\$x' "$HOME")
: >"$odd"
logrun -- cat "$odd"
is "a newline in a name makes no line" \
    "$(grep -a -c '^privsep-sandbox: denied' "$T/log")" 1
grep -a '^privsep-sandbox' "$T/log" >"$T/line"
LC_ALL=C tr -d ' -~\n' <"$T/line" >"$T/rest"
is "every byte of the line is printable" "$(wc -c <"$T/rest")" 0
like "control characters are escaped" "$(cat "$T/line")" \
    'a\\nprivsep-sandbox: denied: fake\\033\[31m\\a\\302\\233\\"\\\\\$x" by '
logrun -j -- cat "$odd"
if have jq; then
	grep -a '^{' "$T/log" >"$T/line"
	is "JSON stays one object a line" "$(jq -r .event <"$T/line")" denied
	like "JSON: the path, escaped" "$(jq -r .path <"$T/line")" \
	    '\\033\[31m'
fi
cp /bin/cat "$(printf 'x) "\033[7m\n')"
logrun -- "./$(printf 'x) "\033[7m\n')" "$key"
LC_ALL=C grep -a '^privsep-sandbox' "$T/log" | tr -d ' -~\n' >"$T/rest"
is "the program's name is escaped too" "$(wc -c <"$T/rest")" 0
like "... and stays in its brackets" "$(grep -a ^privsep "$T/log")" \
    'pid [0-9]+ \(x\\\) \\"\\033\[7m(\\n)?\) openat'
long=$(head -c 200 /dev/zero | tr '\0' '\001')
mkdir -p "$HOME/.ssh/$long/$long/$long"
: >"$HOME/.ssh/$long/$long/$long/$long"
logrun -- cat "$HOME/.ssh/$long/$long/$long/$long"
grep -a -q 'denied: .*by secrets' "$T/log"
ok "a long name"

# ---- rate limit

logrun -- sh -c 'i=0; while [ $i -lt 300 ]; do true <"$1"; i=$((i + 1)); done' \
    sh "$key"
n=$(echo "$log" | grep -c 'denied: pid')
[ "$n" -ge 5 ] && [ "$n" -le 40 ]
ok "a loop of denials is not a loop of lines" "$n lines"
like "... the others are counted" "$log" "denied: [0-9]+ more"
more=$(echo "$log" | sed -n 's/.*denied: \([0-9]*\) more.*/\1/p' |
    awk '{ s += $1 } END { print s }')
is "... and all of them" $((n + more)) 300
logrun -- sh -c 'i=0; while [ $i -lt 100 ]; do true <"$1"; i=$((i + 1)); done
    cat /etc/shadow; true >/usr/x' sh "$key"
like "another rule's line is still written" "$log" '"/usr/x" by default'

rm -f "$T/log"

# ---- -l

run -l "$T/log" -- cat "$key"
unlike "-l: nothing on stderr" "$err" "denied:"
like "-l: the line is in the file" "$(cat "$T/log")" "denied: .*/.ssh/id"
is "-l: only its owner reads it" "$(stat -c %a "$T/log")" 600
run -l "$T/log" -- cat "$key"
is "-l: appends" "$(wc -l <"$T/log")" 2
run -j -l "$T/json" -- sh -c 'cat "$1"; cat "$1"' sh "$key"
is "-l and -j" "$(grep -c '^{"event":"denied",.*}$' "$T/json")" 2
run -l "$WORK/inside.log" -- sh -c 'cat "$1"; rm -f inside.log
    mv inside.log x; ln inside.log x; true >inside.log; chmod 777 inside.log
    cp -f /etc/passwd inside.log; cat /etc/hostname inside.log >/dev/null' \
    sh "$key"
like "a log below the working directory is the command's to read only" \
    "$(head -1 inside.log)" 'denied: .*/\.ssh/id"'
is "... and keeps its mode" "$(stat -c '%a %h' inside.log)" "600 1"
run -w -- sh -c 'cat "$1" 2>/dev/null' sh "$key"
like "-w: stderr of the sandbox, not of the process" "$err" "denied: "
run -- cat "$key"
is "without: the kernel denies, and no line" \
    "$st:$(echo "$err" | grep -c 'denied:')" 1:0
run -r 'set watch yes' -- cat "$key"
like "set watch yes does the same as -w" "$err" "denied: "
run -l "$T/log" -r 'set watch no' -- cat "$key"
is "set watch no: a log of what is notified anyway" \
    "$st:$(wc -l <"$T/log")" 1:2
run -v -v -- true
is "-v -v does not change the status" "$st" 0
