/* The little of a C library that a policy needs, so that nothing but clang is needed to build one.
 *
 * Every call of a policy gets a fresh instance, so memory is only ever handed out: `free` does nothing. */

#include "stdlib.h"
#include "string.h"

#include <stdint.h>

#define PAGE 65536

extern unsigned char __heap_base;
static uintptr_t next;

/* Each allocation is preceded by its size, for `realloc`. */
void *malloc(size_t size) {
  if (next == 0) next = (uintptr_t)&__heap_base;
  uintptr_t at = ((next + 15) & ~(uintptr_t)15) + 16;
  if (size > UINTPTR_MAX - at - PAGE) abort();
  uintptr_t end = at + size;
  uintptr_t have = __builtin_wasm_memory_size(0) * PAGE;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1) abort();
  *(size_t *)(at - 16) = size;
  next = end;
  return (void *)at;
}

void *realloc(void *old, size_t size) {
  if (old == NULL) return malloc(size);
  size_t had = *(size_t *)((uintptr_t)old - 16);
  if (size <= had) return old;
  return memcpy(malloc(size), old, had);
}

void free(void *pointer) { (void)pointer; }

_Noreturn void abort(void) { __builtin_trap(); }

void *memcpy(void *to, const void *from, size_t size) {
  unsigned char *out = to;
  const unsigned char *in = from;
  while (size--) *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  unsigned char *out = to;
  const unsigned char *in = from;
  if (out <= in) return memcpy(to, from, size);
  while (size--) out[size] = in[size];
  return to;
}

void *memset(void *to, int byte, size_t size) {
  unsigned char *out = to;
  while (size--) *out++ = (unsigned char)byte;
  return to;
}

int memcmp(const void *one, const void *other, size_t size) {
  const unsigned char *a = one, *b = other;
  for (; size; size--, a++, b++)
    if (*a != *b) return *a < *b ? -1 : 1;
  return 0;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

/* The bindings ask for the object file that describes the world; `rollgate policy build` adds that itself. */
void __component_type_object_force_link_policy(void) {}
