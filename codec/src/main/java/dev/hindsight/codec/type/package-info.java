/** CQL types as their bytes need them: lengths, order, names; from class names and from CQL. */
package dev.hindsight.codec.type;
