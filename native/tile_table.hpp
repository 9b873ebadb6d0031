// Tables of functions for tiles of a product: a tile's size has to be known when it is compiled.
#pragma once

#include <array>
#include <utility>

namespace lernwerk {

// The functions for 0 .. MOST rows, `Tiles::of<M, V>()` each.
template <class Tiles, int V, int... M>
constexpr auto tiles_of(std::integer_sequence<int, M...>) {
  return std::array{Tiles::template of<M, V>()...};
}

template <class Tiles, int MOST, int... V>
constexpr auto tile_table(std::integer_sequence<int, V...>) {
  return std::array{tiles_of<Tiles, V + 1>(std::make_integer_sequence<int, MOST + 1>())...};
}

// For 1 .. VECTORS vectors in a row of a tile, in order, the functions for 0 .. MOST rows.
template <class Tiles, int VECTORS, int MOST>
constexpr auto tile_table() {
  return tile_table<Tiles, MOST>(std::make_integer_sequence<int, VECTORS>());
}

}  // namespace lernwerk
