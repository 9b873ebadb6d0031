// Chains of elementwise operations as one pass over memory, tile by tile.
//
// A program is a list of operations on operands: arrays in memory, constants, and registers, which
// are tiles of TILE elements in the cache. Its domain is a matrix (rows, columns); an input covers
// all of it, one row, one column, one number, or lies in any strides. Sums over the domain, its
// rows or its columns may end the program. Python writes programs
// (lernwerk/engines/native/program.py).
#pragma once

#include <cstdint>

#include "kernel.hpp"

namespace lernwerk {

// Elements of a register: ten of them stay in a first-level cache of 48 kB.
inline constexpr int64_t TILE = 1024;
// Registers lie a little more than a tile apart: at distances of 4096 bytes they would share lines
// of the cache, and processors would mistake reads of one for reads of another.
inline constexpr int64_t SLOT = TILE + 48;

enum class Cover : int64_t { full, scalar, row, column, strided, opaque };
enum class Type : int64_t { float32, float64, int32, int64, uint32, boolean, narrow };
enum class Reduction : int64_t { all, rows, columns };  // what is summed away

// The parts of a program inside the whole-number parameters of its instruction:
//   type, rows, columns, counts of inputs, constants, registers, operations, outputs, reductions,
//   axes; the lengths of the axes; then
//   inputs x (cover, type, a stride for each axis), operations x (code, result, a, b, c),
//   outputs x (operand, type), reductions x (kind, operand)
// Operands are numbered: inputs, constants, registers, outputs (written in place by an operation).
// Operands that an operation does not have repeat its result.
struct Program {
  Type type;
  int64_t rows, columns;
  int64_t inputs, constants, registers, operations, outputs, reductions, axes;
  const int64_t* shape;
  const int64_t* input;
  const int64_t* operation;
  const int64_t* output;
  const int64_t* reduction;
  const double* constant;
  int64_t tile_rows;

  static constexpr int MOST_INPUTS = 64;

  Program(const int64_t* whole, const double* real);

  // A tile is some whole rows, or a piece of one row where rows are longer than a tile.
  int64_t rows_of_tile() const { return tile_rows; }
  int64_t pieces_of_row() const { return columns <= TILE ? 1 : (columns + TILE - 1) / TILE; }
  int64_t tiles() const;
  int64_t chunks() const;
  int64_t tiles_together() const;  // the pieces of a row, where a sum runs along rows
  int64_t elements() const { return rows * columns; }
};

// Runs the tiles [first, last) as the given chunk; the sums of a chunk wait in `call.shared`.
void run_tiles(const Program& program, const Call& call, int64_t first, int64_t last, int64_t chunk,
               int worker);

// The same for the rows [first, last), which begin and end with tiles.
void run_rows(const Program& program, const Call& call, int64_t first, int64_t last, int64_t chunk,
              int worker);

// Some rows of the domain, none longer than a tile: `runs` times `count`. Of one input more than
// they read lies in memory: between two runs a gap of so many bytes.
struct Rows {
  int64_t first, count, runs, input, gap;
};

// Who runs a part of a program: the chunk, its thread, and whether it is the chunk's first part.
struct Turn {
  int64_t chunk;
  int worker;
  bool begins;
};

// Runs some rows, wherever they begin; further calls add to a chunk's sums. The addresses in
// `inputs`, which stand for those of the call, are changed.
void run_part(const Program& program, Call call, char** inputs, const Rows& part, const Turn& turn);

// Adds up what the chunks have left in `call.shared`.
void finish_reductions(const Program& program, const Call& call, int64_t chunks);

// The whole program on its own.
void run_program(const Program& program, const Call& call);

// The number of an operation, or -1 where it does not exist for registers of this type.
int64_t operation_number(const char* name, Type type);

}  // namespace lernwerk
