/*
 * compat.h
 *		What differs between PostgreSQL 13 and 18, in one place.
 */
#ifndef FIRST_LOAN_COMPAT_H
#define FIRST_LOAN_COMPAT_H

#include "postgres.h"

#include "fmgr.h"

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#define fl_escontext(fcinfo) ((fcinfo)->context)
#define fl_input(flinfo, str, ioparam, escontext, result) \
	InputFunctionCallSafe(flinfo, str, ioparam, -1, escontext, result)
#else
/* Soft errors came with PostgreSQL 16; before, an input error is an error. */
#define fl_escontext(fcinfo) ((Node *) NULL)
#define ereturn(escontext, dummy_value, ...) \
	do { \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
	} while (0)
#define fl_input(flinfo, str, ioparam, escontext, result) \
	((void) (escontext), \
	 *(result) = InputFunctionCall(flinfo, str, ioparam, -1), true)
#endif

#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

#endif							/* FIRST_LOAN_COMPAT_H */
