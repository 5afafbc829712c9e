/*
 * loan_security.h
 *		The kinds of security behind a loan, as a set of bits.
 */
#ifndef FIRST_LOAN_LOAN_SECURITY_H
#define FIRST_LOAN_LOAN_SECURITY_H

#include "postgres.h"

#include "fmgr.h"

/* Stored and sent: the values are for ever. */
typedef uint16 LoanSecurity;

#define SECURITY_NONE		0x00
#define SECURITY_MORTGAGE	0x01
#define SECURITY_PLEDGE		0x02
#define SECURITY_GUARANTEE	0x04
#define SECURITY_COMBINED	0x08	/* two or more, not said which */
#define SECURITY_UNKNOWN	0x10
#define SECURITY_ALL		0x1F

/* At least one kind is certain, whatever else may be unknown. */
#define SECURITY_IS_KNOWN(s)	(((s) & ~SECURITY_UNKNOWN) != 0)

#define DatumGetLoanSecurity(d)		((LoanSecurity) DatumGetInt16(d))
#define LoanSecurityGetDatum(s)		Int16GetDatum((int16) (s))
#define PG_GETARG_LOAN_SECURITY(n)	DatumGetLoanSecurity(PG_GETARG_DATUM(n))
#define PG_RETURN_LOAN_SECURITY(s)	return LoanSecurityGetDatum(s)

#endif							/* FIRST_LOAN_LOAN_SECURITY_H */
