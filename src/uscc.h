/*
 * uscc.h
 *		The type uscc: 12 bytes by reference, see uscc_core.h.
 */
#ifndef FIRST_LOAN_USCC_H
#define FIRST_LOAN_USCC_H

#include "compat.h"
#include "nodes/nodes.h"
#include "uscc_core.h"

typedef struct Uscc
{
	unsigned char bytes[USCC_SIZE];
} Uscc;

#define PG_GETARG_USCC(n)	((Uscc *) PG_GETARG_POINTER(n))
#define PG_RETURN_USCC(x)	PG_RETURN_POINTER(x)

extern Uscc *uscc_from(const char *s, int len, Node *escontext);

#endif							/* FIRST_LOAN_USCC_H */
