// seep finds and explains memory leaks in live Go programs. The map of what it does is in
// pipeline/capture.cc and pipeline/analyze.cc; its commands are the rows of cli/commands.cc.
#include "cli/run.h"

int main(int argc, char** argv) { return seep::cli::run_main(argc, argv); }
