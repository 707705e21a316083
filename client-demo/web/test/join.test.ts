import { describe, expect, it } from "vitest";
import { cleanName, joinWishes, MAX_NAME } from "../src/hud/join";

describe("joinWishes", () => {
  it("joins at once under a name from the address", () => {
    expect(joinWishes("?name=Foo", "Robin", 0)).toEqual({ auto: "Foo", suggested: "Foo" });
  });

  it("joins at once under the remembered name", () => {
    expect(joinWishes("?autoplay", "Robin", 0)).toEqual({ auto: "Robin", suggested: "Robin" });
    expect(joinWishes("?autoplay", "", 0).auto).toBe("Guest 100");
  });

  it("asks otherwise", () => {
    expect(joinWishes("", "Robin", 0)).toEqual({ auto: undefined, suggested: "Robin" });
    expect(joinWishes("?name=%20", "", 0.5)).toEqual({ auto: undefined, suggested: "Guest 550" });
  });
});

describe("cleanName", () => {
  it("trims, flattens and shortens", () => {
    expect(cleanName("  a \n\t b ")).toBe("a b");
    expect([...cleanName("🙂".repeat(40))].length).toBe(MAX_NAME);
    expect(cleanName("a\u202eb")).toBe("a b");
  });
});
