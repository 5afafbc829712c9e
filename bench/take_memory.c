/*
 * take_memory.c
 *		Take so many megabytes of memory, in huge pages where there are such, and
 *		give them back: what runs next finds them at hand.
 *
 * A virtual machine may give memory that has been free for some seconds back to
 * its host.  To have it again then takes twenty times as long as
 * otherwise, and what is measured is the host.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#define MEGABYTE	((size_t) 1024 * 1024)

int
main(int argc, char **argv)
{
	size_t		size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) * MEGABYTE;
	char	   *memory;

	if (size == 0)
		return 2;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
#ifdef MADV_HUGEPAGE
	(void) madvise(memory, size, MADV_HUGEPAGE);
#endif
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	return 0;
}
