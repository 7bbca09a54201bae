"""`net.hpp`: the library for C++17, as an object that owns a context."""

from mini_infer.export.header import length
from mini_infer.export.library.product import Product
from mini_infer.export.library.template import fill

_TEXT = """\
/* @NAME@: made by mini-infer @VERSION@ export --library of @MODEL@; C++17.
   With @UPPER@_NO_EXCEPTIONS defined, or where the compiler has none, functions return codes instead of throwing. */
#ifndef @UPPER@_HPP
#define @UPPER@_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "@NAME@.h"

#if !defined(@UPPER@_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define @UPPER@_NO_EXCEPTIONS
#endif

#ifndef @UPPER@_NO_EXCEPTIONS
#include <stdexcept>
#endif

namespace @NAME@ {
#ifdef @UPPER@_NO_EXCEPTIONS
inline namespace codes {
#else
inline namespace exceptions {
#endif

constexpr int wrong_size = -100; /* a tensor has another number of elements than the network's */
constexpr int moved_from = -101; /* another object has the context now */

/* What a code means. */
inline std::string explain(int code) {
  if (code == wrong_size) return "a tensor has another number of elements than the network's";
  if (code == moved_from) return "another object has the context now";
  std::string text(@NAME@_explain(code, nullptr, 0), '\\0');
  @NAME@_explain(code, text.data(), text.size() + 1);
  return text;
}

/* Whether the number of a container's elements is part of its type. */
template <class Container, class = void>
struct IsFixed : std::false_type {};
template <class Container>
struct IsFixed<Container, std::void_t<decltype(std::tuple_size<Container>::value)>> : std::true_type {};

/* Elements in a row that are somebody else's: an array, a pointer and a number, or what has data() and size(). That an
   array has Count elements is checked when it is compiled; of anything else, when it runs. */
template <class Element, std::size_t Count>
class View {
 public:
  View(Element *elements, std::size_t size) noexcept : elements_(size == Count ? elements : nullptr) {}
  View(Element (&elements)[Count]) noexcept : elements_(elements) {}
  template <class Container, class = std::enable_if_t<std::is_convertible_v<
                                 decltype(std::declval<Container &>().data()), Element *>>>
  View(Container &&container) noexcept : View(container.data(), container.size()) {
    using Plain = std::remove_cv_t<std::remove_reference_t<Container>>;
    if constexpr (IsFixed<Plain>::value)
      static_assert(std::tuple_size<Plain>::value == Count, "another number of elements");
  }

  /* Null where the number of elements is another. */
  Element *data() const noexcept { return elements_; }
  static constexpr std::size_t size() noexcept { return Count; }

 private:
  Element *elements_;
};

#ifdef @UPPER@_NO_EXCEPTIONS
using Result = int; /* a code; 0 where all is well */
#else
using Result = void;

class Error : public std::runtime_error {
 public:
  explicit Error(int code) : std::runtime_error("@NAME@: " + explain(code)), code_(code) {}
  int code() const noexcept { return code_; }

 private:
  int code_;
};
#endif

/* A context: runs one thing at a time; several run at once, and share the weights. */
class Engine {
 public:
@CONSTRUCTOR@
  Engine(Engine &&other) noexcept
      : context_(std::exchange(other.context_, nullptr)), code_(std::exchange(other.code_, moved_from)) {}
  Engine &operator=(Engine &&other) noexcept {
    std::swap(context_, other.context_);
    std::swap(code_, other.code_);
    return *this;
  }
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;
  ~Engine() { @NAME@_destroy(context_); }

#ifdef @UPPER@_NO_EXCEPTIONS
  /* 0, or why there is no context. */
  int code() const noexcept { return code_; }
#endif

  /* Run once; no output shares bytes with another tensor. */
#ifdef @UPPER@_NO_EXCEPTIONS
  [[nodiscard]]
#endif
  Result run(@VIEWS@) {
    if (@SIZES@) return checked(wrong_size);
    return checked(context_ ? @NAME@_run(@DATA@context_) : code_);
  }
@RESET@
 private:
#ifdef @UPPER@_NO_EXCEPTIONS
  static Result checked(int code) noexcept { return code; }
#else
  static Result checked(int code) {
    if (code) throw Error(code);
  }
#endif

  @NAME@_context *context_ = nullptr;
  int code_ = moved_from;
};

}  // inline namespace
}  // namespace @NAME@
#endif
"""

_CONSTRUCTOR = """\
  /* In memory of the caller, @UPPER@_CONTEXT_BYTES aligned to @UPPER@_CONTEXT_ALIGN, or in memory of its own. */
  explicit Engine(@WEIGHTS@void *memory = nullptr) {
    code_ = @NAME@_create(&context_, @PATH@memory);
#ifndef @UPPER@_NO_EXCEPTIONS
    checked(code_);
#endif
  }"""

_RESET = """
  /* Begin anew what runs leave for the next. */
  Result reset() { return checked(context_ ? @NAME@_reset(context_) : code_); }
"""


def header(product: Product) -> str:
    """The text of `net.hpp`."""
    tensors = (*product.inputs, *product.outputs)
    views = [f"View<const {each.c_type}, {length(each)}> {each.called}" for each in product.inputs]
    views += [f"View<{each.c_type}, {length(each)}> {each.called}" for each in product.outputs]
    return fill(
        _TEXT,
        product,
        CONSTRUCTOR=_CONSTRUCTOR,
        RESET=_RESET if product.state_bytes else "",
        WEIGHTS="" if product.inside else "const std::string &weights, ",
        PATH="" if product.inside else "weights.c_str(), ",
        VIEWS=", ".join(views),
        SIZES=" || ".join(f"!{each.called}.data()" for each in tensors),
        DATA="".join(f"{each.called}.data(), " for each in tensors),
    )
