/* What the bindings need of a C library. */
#ifndef RUNTIME_STDLIB_H
#define RUNTIME_STDLIB_H
#include <stddef.h>
void *malloc(size_t size);
void *realloc(void *old, size_t size);
void free(void *pointer);
_Noreturn void abort(void);
#endif
