#!/bin/sh
# A call that is handed over allocates nothing: what receiver and policy worker
# need for it is there before.  Every function of theirs, and of what they are
# linked with, that asks for memory is in this list, with when it runs.
PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# functions(FILES): "file function" of each that allocates, itself or by way of
# the C library.  A function's name begins its line, style(9).
functions() {
	awk '
	{ gsub(/\([1-8]\)/, "") }	# manual pages, in comments
	/^[a-z_][a-z_0-9]*\(/ { f = $0; sub(/\(.*/, "", f) }
	/[^a-z_](malloc|calloc|realloc|reallocarray|recallocarray|strdup|strndup|asprintf|vasprintf|fopen|fdopen|opendir|fdopendir|getline|qsort|scandir|getpwuid|getgrgid|getaddrinfo|mmap) ?\(/ {
		print FILENAME, f
	}' "$@" | sort -u
}

want='common/guard.c guard_add			the set-up
common/netrule.c netrule_host			the set-up
common/netrule.c netrule_range			the set-up
common/netrule.c netrule_settle			the set-up
common/netrule.c netset_add			the set-up
common/netrule.c netset_take			the set-up
common/netrule.c text_dup			the set-up
common/rule.c ruleset_add			the set-up
common/rule.c ruleset_take			the set-up
common/tpe.c tpe_add				the set-up
common/verify.c verify_add			the set-up
common/verify.c verify_sort			the set-up
monitor/receiver_capture.c capture_new		a new lane
monitor/receiver_lane.c lane_start		a new lane
proto/wire.c string_dup				the set-up
proto/wire_net.c msg_get_text			the set-up
worker/policy.c own_groups			the set-up
worker/policy.c setup_message			the set-up
worker/policy.c setup_world			the set-up
worker/policy_path.c path_turns			the set-up
worker/policy_proc.c proc_mounts		the set-up'
got=$(cd "$SRC" && functions monitor/receiver*.c proto/*.c worker/policy*.c \
    common/*.c)
is "what allocates memory in receiver and policy worker" "$got" \
    "$(echo "$want" | awk '{ print $1, $2 }' | sort -u)"
cat >"$T/made_up.c" <<'C'
int
handler(struct request *rq)
{

	return ((rq->rq_text = strdup("x")) == NULL ? ENOMEM : 0);
}
C
is "... and one more would be seen" "$(functions "$T/made_up.c")" \
    "$T/made_up.c handler"

# Who calls what allocates: nobody who serves a call.
callers() {
	(cd "$SRC" && grep -l -w -E "$1" monitor/receiver*.c worker/policy*.c |
	    sort -u | tr '\n' ' ')
}
is "rules are added at the set-up only" \
    "$(callers '(guard|netset|ruleset|tpe|verify)_(add|take|sort)')" ""
is "... and decoded there" "$(callers \
    'msg_get_(rules|verify|exec|tpe|guards|net|text)')" "worker/policy.c "
