package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmOptionsTest {
    @TempDir
    Path temp;

    @Test
    void areThoseOfTheBuild() throws Exception {
        Path pom = Path.of(System.getProperty("hindsight.root", "..")).resolve("pom.xml");
        String text = Files.readString(pom);
        String flags = text.substring(
                text.indexOf("<cassandra.jvm.flags>") + "<cassandra.jvm.flags>".length(),
                text.indexOf("</cassandra.jvm.flags>"));

        assertThat(words(options())).isEqualTo(words(flags));
    }

    @Test
    void startAWorkerThatMergesAPartitionLargerThanItsHeap() throws Exception {
        Path arguments = temp.resolve("jvm.options");
        Files.writeString(arguments, options());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + arguments,
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                WidePartition.class.getName(),
                temp.resolve("data").toString(),
                "24000",
                "4000"));
        Path log = temp.resolve("log");

        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).doesNotContain("LEAK");
    }

    private static String options() throws IOException {
        try (InputStream in = ReferenceSynthesiser.class.getResourceAsStream("jvm.options")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.trim().split("\\s+"));
    }
}
