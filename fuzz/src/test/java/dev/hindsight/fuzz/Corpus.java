package dev.hindsight.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Jazzer learned in earlier runs: {@code corpus/<test method>.hex}, one input a line, kept by {@code
 * fuzz/keep-corpus}. Every ordinary run of the tests goes through them; fuzzing goes on from them.
 */
final class Corpus {
    private Corpus() {}

    /** The seeds, and then what was kept of the test method. */
    static Stream<byte[]> with(Stream<byte[]> seeds, String method) {
        return Stream.concat(seeds, kept(method).stream());
    }

    private static List<byte[]> kept(String method) {
        try (InputStream in = Corpus.class.getResourceAsStream("/corpus/" + method + ".hex")) {
            if (in == null) {
                throw new IllegalStateException("no corpus of " + method + "; fuzz/keep-corpus makes it");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            return lines.lines().map(line -> HexFormat.of().parseHex(line)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
