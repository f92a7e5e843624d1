// The C-level InferenceSession: the library's session, what its model declares, and the ways to run it.
#pragma once
#include <string>
#include <vector>

#include "options.h"
#include "values.h"

namespace sardonyx::python {

// Python's OrtValueVector; the items are C-level OrtValues.
struct ValueVector {
  std::vector<nb::object> items;
};

class Session {
 public:
  Session(nb::object options, nb::object model, bool is_path, bool read_config);
  ~Session();
  void initialize(const std::vector<std::string>& providers, nb::object provider_options, nb::object disabled);

  nb::list run(nb::object output_names, nb::handle feed, nb::object run_options);
  void run_async(nb::object self, nb::object output_names, nb::handle feed, nb::object callback, nb::object user_data,
                 nb::object run_options);
  ValueVector run_with_values(const nb::dict& feed, nb::object output_names, nb::object run_options);
  void run_with_vectors(nb::object run_options, const std::vector<std::string>& feed_names, const ValueVector& feeds,
                        const std::vector<std::string>& fetch_names, ValueVector& fetches, nb::object devices);
  void run_with_binding(const OrtIoBinding* binding, nb::object run_options);

  OrtSession* handle() const;
  const Port* port(const std::string& name) const;
  nb::object options() const { return options_; }
  nb::list inputs() const { return metas_[0]; }
  nb::list outputs() const { return metas_[1]; }
  nb::list overridable() const { return metas_[2]; }

 private:
  struct Feed;
  struct Fetch;
  // Opens the model once. True if a signal came meanwhile and Python's handler did not raise.
  bool open(SessionOptions& given, const std::string& off, OrtStatus*& status);
  void read_ports();
  void feed_from(nb::handle feed, Feed& out) const;
  Fetch fetch_from(nb::object output_names) const;
  void add_feed(nb::handle name, nb::handle object, const Port* port, Feed& out) const;
  void run_now(const Feed& feed, Fetch& fetch, nb::object run_options);
  [[noreturn]] void complain_of_missing(const nb::dict& feed) const;

  nb::object options_, model_;
  bool is_path_, read_config_;
  OwnedSession session_;
  std::vector<Port> ports_[3];  // inputs, outputs, overridable initializers
  std::vector<nb::object> input_names_, output_names_;
  nb::list metas_[3];
};

// Runs of run_async whose callback has not returned.
int async_runs();
void bind_session(nb::module_& m);
void bind_binding(nb::module_& m);
void bind_metadata(nb::module_& m);

}  // namespace sardonyx::python
