// A program of C that has Go in a shared library, which it loads by name, or in an archive that is
// linked into it (-DLINKED).
//
//   host LIBRARY DUMPFILE STACKFILE
#include <dlfcn.h>
#include <stdio.h>

#ifdef LINKED
extern void Fill(int count);
extern void Serve(char *dump, char *stacks);
#endif

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "usage: host LIBRARY DUMPFILE STACKFILE\n");
    return 2;
  }
#ifdef LINKED
  void (*fill)(int) = Fill;
  void (*serve)(char *, char *) = Serve;
#else
  void *library = dlopen(words[1], RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void (*fill)(int) = (void (*)(int))dlsym(library, "Fill");
  void (*serve)(char *, char *) = (void (*)(char *, char *))dlsym(library, "Serve");
  if (fill == NULL || serve == NULL) return 1;
#endif
  fill(400);
  serve(words[2], words[3]);
  return 0;
}
