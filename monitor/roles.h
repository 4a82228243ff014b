/*
 * Entry points of the roles, one per separately linked object
 * (build/role-ROLE.o).  main.c calls them for -P ROLE.
 */
#ifndef ROLES_H
#define ROLES_H

int	 receiver_main(int, char **);
int	 policy_main(int, char **);
int	 integrity_main(int, char **);
int	 learn_main(int, char **);
int	 resolver_main(int, char **);

#endif /* ROLES_H */
