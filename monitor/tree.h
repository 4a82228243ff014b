/*
 * Killing what is left of the command's process tree.  Used by the receiver
 * (parent and subreaper of the tree) and by the monitor when it is gone.
 */
#ifndef TREE_H
#define TREE_H

/*
 * Open the list of this process's children, before a filter forbids opening
 * and from the main thread, whose children they are.  A descriptor of
 * /proc/self/task/TID/children (proc(5), CONFIG_PROC_CHILDREN) or -1.
 */
int	 tree_open(void);
/*
 * SIGKILL every child, and every descendant as it becomes a child, until
 * none is left but spare (a pid, or 0) and what is below it, or msec
 * milliseconds have passed.  The function, where there is one, knows of some
 * whether they are dead, and only kept by who traces them: those are not
 * waited for.  Returns how many remain: 0, or -1 when the list cannot be read.  SIGCHLD must be blocked; one that is
 * pending is taken.
 */
int	 tree_kill(int, pid_t, int, int (*)(pid_t));

#endif /* TREE_H */
