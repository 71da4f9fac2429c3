// The whole terminal, by ncurses: draws screens, tells keys, and leaves the terminal as it was.
// Only this file's source knows ncurses, and only what has changed is sent, so a slow line will do.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/result.h"
#include "report/screen.h"
#include "report/watch_keys.h"

namespace seep::cli {

struct ScreenAbilities {
  std::size_t width = 80;
  std::size_t height = 24;
  bool ascii = false;          ///< the locale knows nothing else
  bool layer_colours = false;  ///< 256 colours, and NO_COLOR is not set
};

class FullScreen {
 public:
  /// Fails where there is no terminal at both ends, or none that can place its cursor; the error
  /// says which and the terminal is untouched.
  static Result<FullScreen> open();
  FullScreen(FullScreen&&) noexcept;
  FullScreen& operator=(FullScreen&&) noexcept;
  ~FullScreen();

  ScreenAbilities abilities() const;
  void draw(const report::Screen& screen);

  /// The next key that was pressed, if any; does not wait.
  std::optional<report::Key> next_key();
  /// Takes over the terminal's size. To be called when it may have changed.
  void fit_terminal();
  /// Whether nobody is at the other end any more.
  bool is_gone() const;

 private:
  struct State;
  explicit FullScreen(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seep::cli
